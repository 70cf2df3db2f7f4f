"""Whether what a definition names is there: agents, step functions, approvable actions, event topics."""

from agents.runtime.catalog import NAMES as AGENTS
from approvals.actions import registered_actions
from kernel.events.topics import topic_names
from workflows.definition import AgentStep, ApprovalStep, ComputeStep, Definition, StepSpec, WaitStep
from workflows.steps.functions import function_names


def wiring_problems(definition: Definition) -> list[str]:
    """One sentence for each thing that a step names and nobody has; empty if all is there."""
    found = ((key, _missing(spec)) for key, spec in definition.steps.items())
    return [f"step {key!r}: {missing}" for key, missing in found if missing]


def _missing(spec: StepSpec) -> str:
    match spec:
        case AgentStep(agent=name):
            return _unless(name, "agent", list(AGENTS))
        case ComputeStep(function=name):
            return _unless(name, "step function", function_names())
        case ApprovalStep(action=name):
            return _unless(name, "approvable action", [action.key for action in registered_actions()])
        case WaitStep(event=name):
            return _unless(name, "event topic", topic_names())
    return ""


def _unless(name: str, what: str, known: list[str]) -> str:
    return "" if name in known else f"there is no {what} {name!r}; there are {', '.join(known) or 'none'}"
