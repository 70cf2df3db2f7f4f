"""Each change of a run is told as an event and recorded in the audit, in the transaction of the change."""

from collections.abc import Mapping
from typing import Any

from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from workflows.models import Execution, Step
from workflows.topics import WorkflowMoved, WorkflowStepMoved


def execution_record(
    execution: Execution, word: str, *, actor: str = SYSTEM, reason: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Emit and audit ``workflow.<word>``."""
    payload = WorkflowMoved(
        execution=str(execution.public_id),
        name=execution.name,
        version=execution.version,
        subject=execution.subject,
        state=execution.state,
        reason=reason,
    )
    _both(execution, f"workflow.{word}", payload, actor, detail)


def step_record(
    execution: Execution,
    step: Step,
    word: str,
    *,
    actor: str = SYSTEM,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Emit and audit ``workflow.step_<word>``."""
    payload = WorkflowStepMoved(
        execution=str(execution.public_id),
        name=execution.name,
        subject=execution.subject,
        step=step.key,
        kind=step.kind,
        state=step.state,
        reason=reason,
    )
    _both(execution, f"workflow.step_{word}", payload, actor, {"attempt": step.attempt, **(detail or {})})


def _both(
    execution: Execution,
    topic: str,
    payload: WorkflowMoved | WorkflowStepMoved,
    actor: str,
    detail: Mapping[str, Any] | None,
) -> None:
    event_emit(topic=topic, aggregate=execution.reference, data=payload, actor=actor)
    audit_record(
        actor=actor,
        action=topic,
        subject=execution.reference,
        detail={**payload.model_dump(mode="json"), **(detail or {})},
    )
