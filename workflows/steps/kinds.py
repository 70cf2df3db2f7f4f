"""The kinds of steps that there are; a new kind is a handler in this package, a spec in the definition, and one line here."""

from workflows.steps.agent import AgentHandler
from workflows.steps.approval import ApprovalHandler
from workflows.steps.branch import BranchHandler
from workflows.steps.compute import ComputeHandler
from workflows.steps.emit import EmitHandler
from workflows.steps.loop import LoopHandler
from workflows.steps.map import MapHandler
from workflows.steps.protocol import StepHandler
from workflows.steps.registry import register_kind
from workflows.steps.tool import ToolHandler
from workflows.steps.wait import WaitHandler
from workflows.steps.workflow import WorkflowHandler

KINDS: dict[str, StepHandler] = {
    "agent": AgentHandler(),
    "approval": ApprovalHandler(),
    "branch": BranchHandler(),
    "compute": ComputeHandler(),
    "emit": EmitHandler(),
    "loop": LoopHandler(),
    "map": MapHandler(),
    "tool": ToolHandler(),
    "wait": WaitHandler(),
    "workflow": WorkflowHandler(),
}


def register_kinds() -> None:
    """Declare them; called when the app is ready."""
    for kind, handler in KINDS.items():
        register_kind(kind, handler)
