"""Looking at the text of a definition while it is written: what is wrong by line, and what it would draw."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.definition import Definition, DefinitionError, definition_read
from workflows.library import DefinitionsInACircle, UnknownDefinition, definition_linked, definitions
from workflows.publishing.declared import declared_problems
from workflows.wiring import wiring_problems

_PLACED = re.compile(r"^[^:\n]*:(\d+): (.*)$", re.DOTALL)
_NAMED = re.compile(r"^(?:step|trigger) '(\w+)'")


@dataclass(frozen=True)
class TextProblem:
    """What is wrong; ``line`` counts from 1, and is 0 for what has no place."""

    line: int
    message: str


@dataclass(frozen=True)
class Checked:
    """What a text came to. ``definition`` is None for what cannot be read; with problems it can be drawn and not be run."""

    definition: Definition | None
    problems: tuple[TextProblem, ...]


def text_check(text: str) -> Checked:
    """Read it as publishing would."""
    try:
        definition = definition_read(text)
    except DefinitionError as error:
        return Checked(None, tuple(_placed(line) for line in error.lines))
    return Checked(definition, tuple(_unready(definition, text)))


def _unready(definition: Definition, text: str) -> Iterator[TextProblem]:
    """What keeps a definition that reads well from running here."""
    if definition.name in definitions():
        message = f"{definition.name!r} is a workflow of the product: give yours another name"
        yield TextProblem(_line_of(text, "name", 0), message)
    try:
        linked = definition_linked(definition)
    except (UnknownDefinition, DefinitionsInACircle) as error:
        yield TextProblem(0, str(error.args[0]))
        return
    for problem in [*wiring_problems(linked), *declared_problems(linked)]:
        step = _NAMED.match(problem)
        yield TextProblem(_line_of(text, step[1], 1) if step else 0, problem)


def _placed(line: str) -> TextProblem:
    found = _PLACED.match(line)
    return TextProblem(int(found[1]), found[2]) if found else TextProblem(0, line.partition(": ")[2] or line)


def _line_of(text: str, key: str, least_indent: int) -> int:
    """The line on which a key stands; 0 if it is not found."""
    pattern = re.compile(rf"^ {{{least_indent},}}{re.escape(key)}:")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 0)


def version_raised(text: str) -> str:
    """The text under the next version number, so that it can be saved beside the one that is published."""

    def raised(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{int(found[3]) + 1}"

    return re.sub(r"^(version: *[\"']?)(\d+\.\d+\.)(\d+)", raised, text, count=1, flags=re.MULTILINE)
