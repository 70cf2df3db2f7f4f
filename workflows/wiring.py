"""Whether what a definition names is there: agents, tools, step functions, approvable actions, event topics."""

from collections.abc import Callable, Iterator

from agents.runtime.catalog import NAMES as AGENTS
from approvals.actions import registered_actions
from kernel.events.topics import topic_names
from kernel.tools.registry import tools_registered
from workflows.definition import (
    AgentStep,
    ApprovalStep,
    CompositeStep,
    ComputeStep,
    EmitStep,
    Graph,
    StepSpec,
    ToolStep,
    WaitStep,
)
from workflows.definition.step import Compensation
from workflows.library import definitions
from workflows.steps.emittable import emittable_topics
from workflows.steps.functions import function_names


def wiring_problems(definition: Graph) -> list[str]:
    """One sentence for each thing that a step names and nobody has, also inside of composite steps; empty if all is there."""
    return [f"step {key!r}: {missing}" for key, spec in definition.steps.items() for missing in _problems(spec)]


def _problems(spec: StepSpec) -> Iterator[str]:
    if missing := _missing(spec):
        yield missing
    if spec.compensate and (missing := _missing_undo(spec.compensate)):
        yield f"compensate: {missing}"
    if isinstance(spec, CompositeStep):
        if spec.workflow and spec.linked is None:
            yield from filter(None, [_unless(spec.workflow, "workflow of the product", list(definitions()))])
        for name, inside in spec.insides:
            yield from (f"{name}: {problem}" for problem in wiring_problems(inside))


def _missing(spec: StepSpec) -> str:
    name, what, known = _named(spec)
    return _unless(name, what, known()) if name else ""


def _named(spec: StepSpec) -> tuple[str, str, Callable[[], list[str]]]:  # noqa: PLR0911 -- one return a kind
    """What a step names: its name, what that is, and who says which there are; an empty name for nothing."""
    match spec:
        case AgentStep(agent=name):
            return name, "agent", _agents
        case ToolStep(tool=name):
            return name, "tool", _tools
        case ComputeStep(function=str(name)) | WaitStep(function=str(name)):
            return name, "step function", function_names
        case ApprovalStep(tool=str(name)):
            return name, "tool", _tools
        case ApprovalStep(action=name):
            return name, "approvable action", _actions
        case WaitStep(event=str(name)):
            return name, "event topic", topic_names
        case EmitStep(topic=name):
            return name, "event topic that a definition may emit", emittable_topics
        case _:
            return "", "", list


def _missing_undo(undo: Compensation) -> str:
    if undo.function:
        return _unless(undo.function, "step function", function_names())
    return _unless(undo.tool, "tool", _tools()) if undo.tool else _unless(str(undo.agent), "agent", _agents())


def _agents() -> list[str]:
    return list(AGENTS)


def _actions() -> list[str]:
    return [action.key for action in registered_actions()]


def _tools() -> list[str]:
    return [tool.name for tool in tools_registered()]


def _unless(name: str, what: str, known: list[str]) -> str:
    return "" if name in known else f"there is no {what} {name!r}; there are {', '.join(known) or 'none'}"
