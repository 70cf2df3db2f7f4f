"""The history of one run, out of its audit records and its attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.audit.models import AuditRecord
from workflows.models import Attempt, Execution, Step

_LOST = (Attempt.Outcome.FAILED, Attempt.Outcome.LOST, Attempt.Outcome.CANCELLED)


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened. ``what`` is a word such as ``step_completed`` or ``attempt_lost``; ``text`` tells why, if told."""

    at: datetime
    what: str
    step: str
    actor: str
    text: str
    attempt: int | None = None
    retry_at: datetime | None = None


def timeline(execution: Execution, *, steps: Sequence[Step] | None = None) -> list[TimelineEntry]:
    """Everything that happened in the run, in order. ``steps`` with prefetched attempts save two of its three queries."""
    rows = execution.steps.prefetch_related("attempts") if steps is None else steps
    records = AuditRecord.objects.filter(subject=execution.reference, action__startswith="workflow.").order_by("id")
    entries = [_of_record(record) for record in records]
    entries += [_of_attempt(step, attempt) for step in rows for attempt in step.attempts.all() if _is_told(attempt)]
    return sorted(entries, key=lambda entry: entry.at)


def _is_told(attempt: Attempt) -> bool:
    # Attempts that did what they were for are told of by the step's own record.
    return attempt.ended_at is not None and attempt.outcome in _LOST


def _of_record(record: AuditRecord) -> TimelineEntry:
    return TimelineEntry(
        at=record.recorded_at,
        what=record.action.removeprefix("workflow."),
        step=record.detail.get("step", ""),
        actor=record.actor,
        text=record.detail.get("reason", ""),
        attempt=record.detail.get("attempt"),
    )


def _of_attempt(step: Step, attempt: Attempt) -> TimelineEntry:
    return TimelineEntry(
        at=attempt.ended_at or attempt.started_at,
        what=f"attempt_{attempt.outcome}",
        step=step.key,
        actor=attempt.worker,
        text=attempt.error,
        attempt=attempt.number,
        retry_at=attempt.retry_at,
    )
