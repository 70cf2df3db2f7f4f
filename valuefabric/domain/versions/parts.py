"""A document taken apart: collections by key in their order, and every part by its place. Versions are compared and merged by it.

What a field of the format is follows from its type, so that a field that the format learns later is compared and merged too:
a tuple of entries with keys is a collection, a mapping or a block (conventions) is taken by its names, all else is one part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from valuefabric.domain.model.document import ModelDocument

type Place = tuple[str, ...]

FIGURES = ("values", "low", "high")
# Somebody else's figures for the model as a whole: they were published together.
_WHOLE = frozenset({"expected"})


class _Absent:
    """What is not there at all; ``None`` is something that a field can be."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


class ByPeriod(dict[str, Decimal]):
    """A row's figures by period."""


@dataclass(frozen=True)
class Parts:
    """``keys`` of each collection (rows, drivers, periods …) in order; ``fields`` by place.

    Places are ``(title,)``, ``(conventions, discount_rate)``, ``(drivers, retention, label)``, ``(rows, A4, unit)``. A row's
    figures are one part each, ``(rows, A4, values)``: a mapping by period, or absent.
    """

    keys: Mapping[str, tuple[str, ...]]
    fields: Mapping[Place, Any]
    names: Mapping[Place, tuple[str, ...]]

    def at(self, place: Place) -> Any:
        """The part of that place, or ABSENT."""
        return self.fields.get(place, ABSENT)

    def has(self, collection: str, key: str) -> bool:
        """Whether the collection has an entry of that key."""
        return key in self.keys.get(collection, ())

    def entry(self, collection: str, key: str) -> tuple[str, ...]:
        """The names of an entry's fields; none for one that is not there."""
        return self.names.get((collection, key), ())


def taken_apart(document: ModelDocument) -> Parts:
    """The document's parts; ``assembled`` puts them together again."""
    plain = document.model_dump()
    keys: dict[str, tuple[str, ...]] = {"periods": tuple(plain.pop("periods"))}
    fields: dict[Place, Any] = {}
    names: dict[Place, tuple[str, ...]] = {}
    for name, kind in shapes().items():
        value = plain.pop(name, ABSENT)
        if kind == "collection" and value is not ABSENT:
            keys[name] = tuple(entry[key_of(name)] for entry in value)
            for entry in value:
                key = entry.pop(key_of(name))
                names[name, key] = tuple(entry)
                fields |= {(name, key, field): part for field, part in entry.items()}
        elif kind == "mapping" and value is not ABSENT:
            fields |= {(name, field): part for field, part in value.items()}
    fields |= {(name,): value for name, value in plain.items()}
    return Parts(keys, _by_period(fields, keys["rows"], keys["periods"]), names)


@lru_cache(maxsize=1)
def shapes() -> Mapping[str, Literal["collection", "mapping"]]:
    """The document's fields that are taken apart further."""
    found: dict[str, Literal["collection", "mapping"]] = {}
    for name, field in ModelDocument.model_fields.items():
        annotation: Any = field.annotation
        entry = (get_args(annotation) or (None,))[0]
        if name in _WHOLE:
            continue
        if get_origin(annotation) is tuple and _is_block(entry) and key_of(name) in entry.model_fields:
            found[name] = "collection"
        elif get_origin(annotation) is dict or _is_block(annotation):
            found[name] = "mapping"
    return found


def plain(value: Any) -> Any:
    """A part as JSON can hold it: decimals as their digits, what is absent as None."""
    if value is ABSENT:
        return None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def key_of(collection: str) -> str:
    """The field by which a collection's entries go."""
    return "currency" if collection == "rates" else "key"


def _is_block(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _by_period(fields: dict[Place, Any], rows: tuple[str, ...], periods: tuple[str, ...]) -> dict[Place, Any]:
    """Figures by period instead of by position, and absent instead of None."""
    for row in rows:
        for name in FIGURES:
            figures = fields.pop(("rows", row, name), None)
            if figures is not None:
                fields["rows", row, name] = ByPeriod(zip(periods, figures, strict=True))
    return fields
