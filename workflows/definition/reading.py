"""Reading a definition from YAML, with messages that name file, line and step."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from workflows.definition.document import Definition
from workflows.definition.inheritance import inherited, wider_problems
from workflows.definition.places import Path, Problem
from workflows.definition.problems import problems_of
from workflows.definition.starts_problems import start_problems
from workflows.patterns.expansion import ExpansionRefused, expanded

_STEPS = frozenset({"agent", "approval", "branch", "compute", "emit", "loop", "map", "tool", "wait", "workflow"})
_KINDS = _STEPS | {"event", "cron", "webhook", "api", "form"}
_NAMED = {"steps": "step", "triggers": "trigger"}
_MOST_OPEN = 200
LONGEST_TEXT = 256 * 1024


class DefinitionError(ValueError):
    """A definition cannot be used. ``lines`` are the messages, each with file, line and step."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def definition_read(text: str, *, filename: str = "definition.yaml") -> Definition:
    """The definition in ``text``. Raises DefinitionError with everything that is wrong with it."""
    if len(text) > LONGEST_TEXT:
        raise DefinitionError([f"{filename}: longer than {LONGEST_TEXT // 1024} KiB. Split it into several definitions."])
    root = _composed(text, filename)
    lines = _Lines(filename, root)
    try:
        definition = Definition.model_validate(expanded(yaml.SafeLoader("").construct_document(root)))
    except ExpansionRefused as error:
        raise DefinitionError(lines.messages([Problem(error.path, str(error))])) from error
    except yaml.YAMLError as error:
        raise DefinitionError([f"{filename}: {error}"]) from error
    except ValidationError as error:
        raise DefinitionError(lines.messages(_problem(fault) for fault in error.errors(include_url=False))) from error
    if problems := [*problems_of(definition), *wider_problems(definition), *start_problems(definition)]:
        raise DefinitionError(lines.messages(problems))
    return inherited(definition, None)


class _AliasFound(Exception):
    def __init__(self, event: yaml.AliasEvent) -> None:
        super().__init__(event.anchor)
        self.anchor, self.line = event.anchor, event.start_mark.line + 1 if event.start_mark else 1


class _Loader(yaml.SafeLoader):
    """Refuses what PyYAML would take: aliases, and brackets without end."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """An alias lets a short text stand for an endless one, and is not needed here."""
        if self.check_event(yaml.AliasEvent):
            raise _AliasFound(self.peek_event())  # type: ignore[no-untyped-call]
        found: yaml.Node | None = super().compose_node(parent, index)
        return found

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803 -- PyYAML's name
        """The scanner takes the square of the number of open ones in time, so a short text could keep it busy for minutes."""
        if self.flow_level >= _MOST_OPEN:
            mark = self.get_mark()
            raise yaml.scanner.ScannerError(None, None, f"more than {_MOST_OPEN} brackets are open", mark)
        super().fetch_flow_collection_start(TokenClass)


def _composed(text: str, filename: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except _AliasFound as error:
        raise DefinitionError([f"{filename}:{error.line}: aliases (*{error.anchor}) are not allowed"]) from error
    except (yaml.MarkedYAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{filename}:{mark.line + 1}" if mark else filename
        raise DefinitionError([f"{place}: not valid YAML: {getattr(error, 'problem', None) or error}"]) from error
    except yaml.YAMLError as error:
        raise DefinitionError([f"{filename}: not valid YAML: {error}"]) from error
    if not isinstance(root, yaml.MappingNode):
        raise DefinitionError([f"{filename}: must be a mapping that begins with format: vos.workflow/1"])
    _refuse_repeated_keys(root, filename)
    return root


def _refuse_repeated_keys(node: yaml.Node, filename: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise DefinitionError([f"{filename}:{key.start_mark.line + 1}: {key.value!r} is there twice"])
            seen.add(key.value)
            _refuse_repeated_keys(value, filename)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, filename)


def _problem(fault: Mapping[str, Any]) -> Problem:
    path = tuple(fault["loc"])
    if fault["type"] == "value_error" and path and path[-1] in _KINDS:
        path = path[:-1]  # the variant of a union, and no place in the document
    return Problem(path, fault["msg"].removeprefix("Value error, "))


class _Lines:
    """Finds the line that a path of the document stands on."""

    def __init__(self, filename: str, root: yaml.MappingNode) -> None:
        self.filename, self.root = filename, root

    def messages(self, problems: Iterable[Problem]) -> list[str]:
        """``lifecycle.yaml:34: step 'target', inputs: …``, in the order of the lines."""
        placed = ((*self._find(problem.path), problem.message) for problem in problems)
        return [self._message(*found) for found in sorted(placed, key=lambda found: found[0])]

    def _message(self, line: int, shown: Sequence[str | int], message: str) -> str:
        kind = _NAMED.get(str(shown[0]), "") if len(shown) > 1 else ""
        step = f"{kind} {shown[1]!r}" if kind else ""
        inside = ".".join(map(str, shown[2:] if step else shown))
        place = ", ".join(part for part in (step, inside) if part)
        return f"{self.filename}:{line}: {place}{': ' if place else ''}{message}"

    def _find(self, path: Path) -> tuple[int, list[str | int]]:
        # pydantic's paths also name the variants of unions, which the document does not have: those are passed over.
        node: yaml.Node = self.root
        line, shown = node.start_mark.line + 1, list[str | int]()
        for part in path:
            found = _child(node, part)
            if found is not None:
                node, line = found
                shown.append(part)
        missing = [part for part in path[-1:] if shown[-1:] != [part]]
        return line, shown + missing


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None
