"""Keys: what formulas and other entries call a row, a driver, a period."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from valuefabric.domain.formulas.limits import MAX_NAME
from valuefabric.domain.formulas.parser import RESERVED

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")


def is_key(text: str) -> bool:
    """Whether a formula can name it."""
    return bool(_KEY.fullmatch(text)) and text.isascii() and len(text) <= MAX_NAME and text not in RESERVED


def checked_key(key: str) -> str:
    """``key`` when a formula can name it; raises ValueError."""
    if not _KEY.fullmatch(key) or not key.isascii() or len(key) > MAX_NAME:
        raise ValueError(f"'{key}' is not a key: letters, digits and single underscores, a letter first, at most {MAX_NAME}")
    if key in RESERVED:
        raise ValueError(f"'{key}' is a word of the formula language; choose another key")
    return key


def unique[Keys: (tuple[str, ...], list[str])](kind: str, keys: Keys) -> Keys:
    """``keys`` when no two are the same; raises ValueError."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"there are two {kind}s '{key}'")
        seen.add(key)
    return keys


def keyed(value: Any, name: str = "key") -> Any:
    """A mapping of keys to entries says the same as a list of entries with keys."""
    if isinstance(value, Mapping):
        return [{name: key, **entry} if isinstance(entry, Mapping) else entry for key, entry in value.items()]
    return value


def found[Entry](kind: str, key: str, entries: Iterable[Entry]) -> Entry:
    """The entry of that key; KeyError when there is none."""
    for entry in entries:
        if getattr(entry, "key") == key:  # noqa: B009 - entries of all kinds have keys
            return entry
    raise KeyError(f"the model has no {kind} '{key}'")
