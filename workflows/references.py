"""References in definitions, such as ``${steps.target.output.case}``, and their resolution. Paths only: nothing is computed.

What is inserted is data and is never looked at again: a document that contains ``${…}`` stays as it is. ``$${`` means ``${``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.([A-Za-z_][A-Za-z0-9_]*|\d{1,6}))*")


class ReferenceInvalid(ValueError):
    """The text of a reference is not a path; write ``${steps.<step>.output.<name>}`` or ``${inputs.<name>}``."""


class ReferenceUnresolved(LookupError):
    """A reference leads nowhere; the message says how far it goes and what is there."""


@dataclass(frozen=True)
class Reference:
    """A path into the run's data: ``("steps", "target", "output", "case")``."""

    path: tuple[str, ...]

    def __str__(self) -> str:
        return "${" + ".".join(self.path) + "}"


def parse(text: str) -> tuple[str | Reference, ...]:
    """The text as literal pieces and references. Raises ReferenceInvalid."""
    pieces: list[str | Reference] = []
    position = 0
    for token in _TOKEN.finditer(text):
        pieces.append(text[position : token.start()])
        pieces.append("${" if token[0] == "$${" else _reference(token, text))
        position = token.end()
    pieces.append(text[position:])
    return tuple(piece for piece in pieces if piece != "")


def _reference(token: re.Match[str], text: str) -> Reference:
    inside = (token[1] or "").strip()
    if token[1] is None or not _PATH.fullmatch(inside):
        raise ReferenceInvalid(
            f"{text!r} is no reference: write a path such as ${{steps.target.output.case}}, without operators."
        )
    return Reference(tuple(inside.split(".")))


def references_in(value: object) -> Iterator[Reference]:
    """Every reference in the strings of a nested value. Raises ReferenceInvalid."""
    if isinstance(value, str):
        yield from (piece for piece in parse(value) if isinstance(piece, Reference))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from references_in(item)


def resolve(value: Any, scope: Mapping[str, Any]) -> Any:
    """``value`` with its references replaced from ``scope``, once. A string that is one reference keeps the type of its target.

    Raises ReferenceUnresolved and ReferenceInvalid.
    """
    if isinstance(value, str):
        return _resolve_text(value, scope)
    if isinstance(value, Mapping):
        return {key: resolve(item, scope) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [resolve(item, scope) for item in value]
    return value


def _resolve_text(text: str, scope: Mapping[str, Any]) -> Any:
    pieces = parse(text)
    if len(pieces) == 1 and isinstance(pieces[0], Reference):
        return look_up(pieces[0], scope)
    return "".join(piece if isinstance(piece, str) else _as_text(piece, look_up(piece, scope)) for piece in pieces)


def look_up(reference: Reference, scope: Mapping[str, Any]) -> Any:
    """What the reference points at. Raises ReferenceUnresolved."""
    found: Any = scope
    for depth, name in enumerate(reference.path):
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list | tuple) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise ReferenceUnresolved(_explanation(reference, depth, found))
    return found


def _explanation(reference: Reference, depth: int, found: Any) -> str:
    reached = ".".join(reference.path[:depth]) or "the run"
    there = ", ".join(sorted(map(str, found))) if isinstance(found, Mapping) else ""
    return f"{reference} leads nowhere: {reached} has no {reference.path[depth]!r}. There is: {there or 'nothing'}."


def _as_text(reference: Reference, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Decimal):
        return str(value)
    raise ReferenceUnresolved(f"{reference} stands inside a text, but is no single value. Write it alone to pass it on whole.")
