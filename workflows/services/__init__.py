"""Writes of workflows. Each changes rows, emits its event and records its audit in one transaction."""

from workflows.selectors.children import ChildFailure, ChildrenState, children_outputs, children_state
from workflows.services.children import CHILDREN, ChildSpec, children_start, children_waiting
from workflows.services.claims import Lease, LeaseLost, lease_extend, step_claim, worker_name
from workflows.services.compensation import execution_roll_back
from workflows.services.control import ReasonMissing, SkipRefused, step_retry, step_settle, step_skip
from workflows.services.executions import execution_cancel, execution_pause, execution_resume, execution_start
from workflows.services.family import children_look, priority_set
from workflows.services.forking import ForkRefused, execution_fork
from workflows.services.overriding import OverrideRefused, step_override, step_override_undo
from workflows.services.priorities import execution_prioritise
from workflows.services.running import step_check, step_run, steps_run
from workflows.services.signals import SignalRefused, signal_send
from workflows.services.steering import step_steer

__all__ = [
    "CHILDREN",
    "ChildFailure",
    "ChildSpec",
    "ChildrenState",
    "ForkRefused",
    "Lease",
    "LeaseLost",
    "OverrideRefused",
    "ReasonMissing",
    "SignalRefused",
    "SkipRefused",
    "children_look",
    "children_outputs",
    "children_start",
    "children_state",
    "children_waiting",
    "execution_cancel",
    "execution_fork",
    "execution_pause",
    "execution_prioritise",
    "execution_resume",
    "execution_roll_back",
    "execution_start",
    "lease_extend",
    "priority_set",
    "signal_send",
    "step_check",
    "step_claim",
    "step_override",
    "step_override_undo",
    "step_retry",
    "step_run",
    "step_settle",
    "step_skip",
    "step_steer",
    "steps_run",
    "worker_name",
]
