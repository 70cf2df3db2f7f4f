"""Firing: one key, one firing, one run; all in one transaction."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.guardrails.taint import Taint
from workflows.models import Execution
from workflows.people import actor_now
from workflows.references import resolve
from workflows.services.executions import execution_start
from workflows.topics import EMITTED
from workflows.triggers.models import Kind, Trigger, TriggerFiring

logger = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)
# What starting refuses with: the same start gets the same answer, so the firing is over with it.
_REFUSALS = (ValueError, TypeError, LookupError, PermissionError, PermissionDenied, ObjectDoesNotExist)
type Outcome = TriggerFiring.Outcome


@dataclass(frozen=True)
class Cause:
    """What came: ``kept`` stays with the firing; ``scope`` is what the trigger's inputs may refer to, beside ``time``.

    ``inputs`` are given beside the trigger's own; ``subject`` is what the run is about where the trigger does not say it,
    ``acts_as`` in whose name it is started in place of the trigger's own person.
    """

    kept: Mapping[str, Any] = field(default_factory=dict)
    scope: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    acts_as: str = ""
    due_at: datetime | None = None


def trigger_fire(*, trigger: Trigger, key: str, cause: Cause, fired_by: str = "", refused: str = "") -> TriggerFiring:
    """Start the trigger's run, once for each key: a second firing under it is the first one, with whatever came of it.

    A start that is refused leaves a firing that says why, and no run. ``refused`` is a reason to refuse known beforehand.
    """
    with transaction.atomic():
        Trigger.objects.select_for_update(no_key=True).get(pk=trigger.pk)
        known = TriggerFiring.objects.filter(trigger=trigger, key=key).select_related("execution").first()
        if known is not None:
            return known
        refused = refused or _too_many(trigger)
        execution, error = (None, refused) if refused else _started(trigger, key, cause)
        return _kept(trigger, key, cause, execution, error, fired_by)


def firing_missed(*, trigger: Trigger, due_at: datetime, why: str) -> TriggerFiring:
    """Note that a set time passed without a run."""
    with transaction.atomic():
        firing, _new = TriggerFiring.objects.get_or_create(
            trigger=trigger,
            key=due_at.isoformat(),
            defaults={
                "outcome": TriggerFiring.Outcome.MISSED,
                "error": why,
                "due_at": due_at,
                "fired_by": trigger.acts_as,
            },
        )
    return firing


def _too_many(trigger: Trigger) -> str:
    since = timezone.now() - _HOUR
    started = trigger.firings.filter(fired_at__gte=since, outcome=TriggerFiring.Outcome.STARTED).count()
    if started < trigger.most_an_hour:
        return ""
    return f"It has started {started} runs within an hour, as many as it may. Raise its bound if that is meant."


def _started(trigger: Trigger, key: str, cause: Cause) -> tuple[Execution | None, str]:
    scope = {"time": (cause.due_at or timezone.now()).isoformat(), **cause.scope}
    try:
        with transaction.atomic():
            execution = execution_start(
                definition=trigger.definition,
                inputs={**resolve(trigger.inputs, scope), **cause.inputs},
                subject=str(resolve(trigger.subject, scope)) or cause.subject,
                actor=actor_now(cause.acts_as or trigger.acts_as),
                key=f"{trigger.reference}:{key}"[:200],
                trigger=trigger.reference,
                priority=trigger.priority,
                taint=_taint(trigger),
            )
    except _REFUSALS as error:
        logger.info("workflow.trigger_refused", extra={"trigger": trigger.reference, "error": str(error)})
        return None, str(error)[:4000] or type(error).__name__
    return execution, ""


def _taint(trigger: Trigger) -> Taint:
    """Whether what it brings comes from outside: what somebody sent or filled in, and what a run said under a name of its own."""
    is_own = trigger.kind == Kind.CRON or (trigger.kind == Kind.EVENT and trigger.topic != EMITTED)
    return Taint.CLEAN if is_own else Taint.UNTRUSTED


def _kept(trigger: Trigger, key: str, cause: Cause, execution: Execution | None, error: str, fired_by: str) -> TriggerFiring:
    outcome = TriggerFiring.Outcome.STARTED if execution else TriggerFiring.Outcome.REFUSED
    actor = fired_by or trigger.acts_as
    firing = TriggerFiring.objects.create(
        trigger=trigger,
        key=key,
        outcome=outcome,
        execution=execution,
        cause=dict(cause.kept),
        error=error,
        fired_by=actor,
        due_at=cause.due_at,
    )
    detail = {"key": key, "execution": execution.reference if execution else "", "error": error}
    audit_record(actor=actor, action=f"workflow.trigger_{outcome.value}", subject=trigger.reference, detail=detail)
    return firing
