"""The kinds of steps that come with the product: one line each."""

from workflows.steps.agent import AgentHandler
from workflows.steps.approval import ApprovalHandler
from workflows.steps.branch import BranchHandler
from workflows.steps.compute import ComputeHandler
from workflows.steps.protocol import StepHandler
from workflows.steps.registry import register_kind
from workflows.steps.wait import WaitHandler

KINDS: dict[str, StepHandler] = {
    "agent": AgentHandler(),
    "approval": ApprovalHandler(),
    "branch": BranchHandler(),
    "compute": ComputeHandler(),
    "wait": WaitHandler(),
}


def register_kinds() -> None:
    """Declare them; called when the app is ready."""
    for kind, handler in KINDS.items():
        register_kind(kind, handler)
