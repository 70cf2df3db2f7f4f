"""Reading YAML without its surprises: no anchors, no tags, no duplicate keys, no binary floats, bounded size and depth.

The data is built from the parser's events, one by one, so that neither deep nesting nor a bomb of aliases can cost anything.
Numbers become exact decimals; ``yes``, ``on``, ``1:30`` and dates stay text, ``true``, ``false`` and ``null`` mean what they say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from valuefabric.domain.model.file_error import ModelFileError

MAX_DEPTH = 12
MAX_EVENTS = 100_000
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_Path = tuple[str | int, ...]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where libyaml is there; same events


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being filled."""

    container: dict[str, Any] | list[Any]
    path: _Path
    key: str | None = None

    @property
    def place(self) -> _Path:
        """Where the next value goes."""
        return (*self.path, len(self.container) if isinstance(self.container, list) else self.key or "")


@dataclass(slots=True)
class YamlData:
    """The data, and the line (from 1) on which each part of it stands."""

    data: Any = None
    lines: dict[_Path, int] = field(default_factory=dict)


def read_yaml(text: str) -> YamlData:
    """The single document in ``text``; raises ModelFileError with the line."""
    builder = _Builder()
    try:
        for count, event in enumerate(_events(text)):
            if count > MAX_EVENTS:
                raise ModelFileError(f"the file has more than {MAX_EVENTS:,} entries", line=_line(event))
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ModelFileError(f"this is not YAML: {error.problem}", line=line) from error
    except yaml.YAMLError as error:
        raise ModelFileError(f"this is not YAML: {error}") from error
    return builder.result


def _events(text: str) -> Iterator[yaml.Event]:
    return iter(yaml.parse(text, Loader=_LOADER))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Builder:
    def __init__(self) -> None:
        self.result = YamlData()
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        self._refuse(event)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise ModelFileError("the file holds several documents; give one", line=_line(event))
        elif isinstance(event, yaml.MappingStartEvent):
            self._enter({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._enter([], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)

    def _refuse(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ModelFileError("anchors and aliases (& and *) are not allowed; write the value out", line=_line(event))
        if getattr(event, "tag", None):
            raise ModelFileError(f"the tag {event.tag} is not allowed; a model file holds plain data", line=_line(event))

    def _enter(self, container: dict[str, Any] | list[Any], event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise ModelFileError(f"more than {MAX_DEPTH} levels inside each other", line=_line(event))
        path = self._open[-1].place if self._open else ()
        if self._open and isinstance(self._open[-1].container, dict) and self._open[-1].key is None:
            raise ModelFileError("a key must be a plain word", line=_line(event))
        self._put(container, event)
        self._open.append(_Open(container, path))

    def _scalar(self, event: Any) -> None:
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.container, dict) and parent.key is None:
            if event.value in parent.container:
                raise ModelFileError(f"the key '{event.value}' stands here twice", line=_line(event))
            parent.key = event.value
            self.result.lines[parent.place] = _line(event)
            return
        self._put(plain_value(event.value) if event.implicit[0] and event.style is None else event.value, event)

    def _put(self, value: Any, event: Any) -> None:
        if not self._open:
            self.result.data = value
            return
        parent = self._open[-1]
        self.result.lines.setdefault(parent.place, _line(event))
        if isinstance(parent.container, list):
            parent.container.append(value)
        else:
            parent.container[parent.key or ""] = value
            parent.key = None


def plain_value(text: str) -> Any:
    """What an unquoted word means: true, false, null, a number, or itself."""
    if text in _WORDS:
        return _WORDS[text]
    return Decimal(text) if _NUMBER.fullmatch(text) else text
