"""The arguments of a call as lines that people read: every value under a name that says where it stands. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

# Between the names of what lies within each other; an argument's own name cannot hold it.
WITHIN = " › "


def argument_facts(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Every single value of ``arguments`` as text, nothing left out.

    ``{"to": ["a", "b"]}`` is ``{"to › 1": "a", "to › 2": "b"}``. What could be taken for something else says what it is:
    an empty text, yes and no, nothing.
    """
    return dict(_facts("", arguments))


def _facts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _facts(f"{name}{WITHIN}{key}" if name else str(key), one)
    elif isinstance(value, list | tuple) and value:
        for number, one in enumerate(value, 1):
            yield from _facts(f"{name}{WITHIN}{number}", one)
    elif name:
        yield name, _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("", [], {}, ()):
        return "(empty)"
    return str(value)
