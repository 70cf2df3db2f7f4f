"""A JSON reader that keeps where each value stood, and refuses what two readers could understand differently.

RFC 8259 leaves duplicate keys, huge numbers and depth to the reader; here each is an error with row and column.
"""

import re
from decimal import Decimal
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # public in CPython, absent in typeshed
from typing import Any

from valuefabric.domain.evidence.document import EvidenceError, Span
from valuefabric.domain.evidence.limits import EvidenceLimits

_SPACE = re.compile(r"[ \t\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: tuple[tuple[str, object], ...] = (("true", True), ("false", False), ("null", None))
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*\Z")


class JsonScanner:
    """One pass over a text; `spans` holds a span for each scalar, located by JSONPath."""

    def __init__(self, text: str, limits: EvidenceLimits) -> None:
        self.text = text
        self.limits = limits
        self.spans: list[Span] = []

    def scan(self) -> Any:
        """The whole document's value; numbers are `Decimal`. Raises EvidenceError with row and column."""
        value, end = self._value(self._skip(0), "$", 0)
        if self._skip(end) != len(self.text):
            raise self.error(self._skip(end), "there is more text after the end of the JSON value")
        return value

    def error(self, offset: int, problem: str) -> EvidenceError:
        """An EvidenceError at an offset."""
        row = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        message = f"JSON, row {row}, column {column}: {problem}. Correct it and upload the file again."
        return EvidenceError(message, row=row, column=column)

    def _skip(self, offset: int) -> int:
        found = _SPACE.match(self.text, offset)
        return found.end() if found else offset

    def _value(self, start: int, path: str, depth: int) -> tuple[Any, int]:
        if depth > self.limits.json_depth:
            raise self.error(start, f"values are nested deeper than {self.limits.json_depth} levels")
        first = self.text[start : start + 1]
        if first == "{":
            return self._object(start, path, depth)
        if first == "[":
            return self._array(start, path, depth)
        value, end = self._scalar(start)
        self._add_span(start, end, path)
        return value, end

    def _add_span(self, start: int, end: int, path: str) -> None:
        if len(self.spans) >= self.limits.cells:
            raise self.error(start, f"there are more than {self.limits.cells} values")
        self.spans.append(Span(start=start, end=end, locator=path))

    def _scalar(self, start: int) -> tuple[Any, int]:
        if self.text[start : start + 1] == '"':
            return self._string(start)
        for word, value in _WORDS:
            if self.text.startswith(word, start):
                return value, start + len(word)
        return self._number(start)

    def _string(self, start: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self.text, start + 1, True)
        except JSONDecodeError as error:
            raise self.error(min(error.pos, len(self.text)), error.msg.lower()) from error
        if len(value) > self.limits.cell_characters:
            raise self.error(start, f"the text is longer than {self.limits.cell_characters} characters")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.error(start, "the text holds half of a surrogate pair, which is no character")
        return value, end

    def _number(self, start: int) -> tuple[Decimal, int]:
        found = _NUMBER.match(self.text, start)
        if found is None:
            raise self.error(start, "a value was expected (NaN and Infinity are not JSON)")
        digits, _, exponent = found.group().lower().partition("e")
        if len(digits) > self.limits.number_digits:
            raise self.error(start, f"the number has more than {self.limits.number_digits} digits")
        if exponent and (len(exponent) > 4 or abs(int(exponent)) > self.limits.number_exponent):
            raise self.error(start, f"the number's exponent is beyond {self.limits.number_exponent}")
        return Decimal(found.group()), found.end()

    def _object(self, start: int, path: str, depth: int) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        offset = self._skip(start + 1)
        if self.text[offset : offset + 1] == "}":
            return members, offset + 1
        while True:
            offset = self._member(offset, path, depth, members)
            offset, done = self._next(offset, "}")
            if done:
                return members, offset

    def _member(self, offset: int, path: str, depth: int, members: dict[str, Any]) -> int:
        if self.text[offset : offset + 1] != '"':
            raise self.error(offset, "a key in double quotes was expected")
        key, after = self._string(offset)
        if key in members:
            raise self.error(offset, f'the key "{key}" stands twice in one object')
        colon = self._skip(after)
        if self.text[colon : colon + 1] != ":":
            raise self.error(colon, f'a colon was expected after the key "{key}"')
        members[key], end = self._value(self._skip(colon + 1), json_path(path, key), depth + 1)
        return end

    def _array(self, start: int, path: str, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        offset = self._skip(start + 1)
        if self.text[offset : offset + 1] == "]":
            return items, offset + 1
        while True:
            item, offset = self._value(offset, f"{path}[{len(items)}]", depth + 1)
            items.append(item)
            offset, done = self._next(offset, "]")
            if done:
                return items, offset

    def _next(self, offset: int, closing: str) -> tuple[int, bool]:
        offset = self._skip(offset)
        found = self.text[offset : offset + 1]
        if found == closing:
            return offset + 1, True
        if found == ",":
            return self._skip(offset + 1), False
        raise self.error(offset, f'a comma or "{closing}" was expected')


def json_path(path: str, key: str) -> str:
    """The JSONPath of a member, quoted where the key is not a plain name."""
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f"{path}[{key!r}]"
