"""Each change of a run is told as an event and recorded in the audit, in the transaction of the change."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from kernel.actors import SYSTEM
from kernel.events.topics import validated_data
from kernel.schemas import current_schema
from kernel.tracing import trace_context, trace_id
from workflows.models import Execution, Step
from workflows.topics import WorkflowMoved, WorkflowStepMoved

_RECORD = "SELECT workflows_record(%s, %s, %s, %s::jsonb, %s, %s::jsonb)"


def execution_record(
    execution: Execution, word: str, *, actor: str = SYSTEM, reason: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Emit and audit ``workflow.<word>``."""
    records_write([_record(execution, f"workflow.{word}", _moved(execution, reason), detail)], actor)


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
    told = {"attempt": step.attempt, **(detail or {})}
    payload = _step_moved(execution, step, step.state, reason)
    records_write([_record(execution, f"workflow.step_{word}", payload, told)], actor)


def step_completed(execution: Execution, step: Step, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a step's end, for whoever writes it with the end itself."""
    return _record(execution, "workflow.step_completed", _step_moved(execution, step, "completed", ""), detail)


def execution_completed(execution: Execution) -> dict[str, Any]:
    """The record of a run's end, as above."""
    return _record(execution, "workflow.completed", _moved(execution, ""), None)


def _step_moved(execution: Execution, step: Step, state: str, reason: str) -> WorkflowStepMoved:
    return WorkflowStepMoved(
        execution=str(execution.public_id),
        name=execution.name,
        subject=execution.subject,
        step=step.key,
        kind=step.kind,
        state=state,
        reason=reason,
    )


def execution_records(executions: Sequence[Execution], word: str, *, actor: str = SYSTEM) -> None:
    """``execution_record`` for many runs that are new, or locked, in one statement."""
    records_write([_record(run, f"workflow.{word}", _moved(run, ""), None) for run in executions], actor)


def _moved(execution: Execution, reason: str) -> WorkflowMoved:
    return WorkflowMoved(
        execution=str(execution.public_id),
        name=execution.name,
        version=execution.version,
        subject=execution.subject,
        state=execution.state,
        reason=reason,
    )


def _record(
    execution: Execution, topic: str, payload: WorkflowMoved | WorkflowStepMoved, detail: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "topic": topic,
        "aggregate": execution.reference,
        "data": validated_data(topic, payload),
        "detail": dict(detail or {}),
    }


def records_write(records: Sequence[Mapping[str, Any]], actor: str) -> None:
    """Write an event and an audit record for each, in the caller's transaction. Raises TransactionManagementError outside one.

    One statement for what ``event_emit`` and ``audit_record`` do (migration 0003); topics and payloads were checked before.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Records are written inside transaction.atomic, together with what they tell of.")
    text, trace = json.dumps(records, cls=DjangoJSONEncoder), json.dumps(trace_context())
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [current_schema(), actor, timezone.now(), trace, trace_id(), text])
