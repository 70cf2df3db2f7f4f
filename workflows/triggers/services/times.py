"""Set times: the next one stands on the list of due work, so that a missed wake-up is found; and those that passed meanwhile."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.scheduler.duework import due_work_done, due_work_put
from kernel.schemas import current_schema
from kernel.stops.checks import Stopped, stopped
from kernel.stops.holding import work_hold
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.roles import Permission
from workflows.triggers.cron import next_time, times_between
from workflows.triggers.models import MOST_CAUGHT_UP, CatchUp, Kind, Trigger, TriggerFiring
from workflows.triggers.services.firing import Cause, firing_missed, trigger_fire

TRIGGER_WORK = "workflows.trigger"
# The sweeper looks every five seconds; what is later than this was missed.
ON_TIME = timedelta(minutes=1)
# How many times that passed are noted one by one; of longer outages the newest.
_NOTED = 1000


class BackfillRefused(ValueError):
    """A trigger has no times there, or too many; the message says how many are possible at once."""


def zone_of(trigger: Trigger) -> str:
    """The trigger's time zone, or its tenant's."""
    return trigger.time_zone or Tenant.objects.get(schema_name=current_schema()).time_zone


def trigger_schedule(trigger: Trigger, *, after: datetime | None = None) -> None:
    """Put the next time on the list of due work; for other kinds, and while it is off, take it away."""
    if trigger.kind != Kind.CRON:
        return
    if not trigger.enabled:
        due_work_done(kind=TRIGGER_WORK, reference=str(trigger.pk))
        return
    if trigger.next_at is None or after is not None:
        trigger.next_at = next_time(trigger.crontab, after or timezone.now(), _zone(trigger))
        trigger.save(update_fields=["next_at"])
    due_work_put(kind=TRIGGER_WORK, reference=str(trigger.pk), due_at=trigger.next_at)


def trigger_look(*, trigger_id: int, now: datetime | None = None) -> int:
    """Fire what is due of a trigger with set times; returns how many runs it started. Looking twice does no harm."""
    now = now or timezone.now()
    with transaction.atomic():
        trigger = Trigger.objects.select_for_update(no_key=True).filter(pk=trigger_id, kind=Kind.CRON).first()
        if trigger is None or not trigger.enabled or trigger.next_at is None:
            due_work_done(kind=TRIGGER_WORK, reference=str(trigger_id))
            return 0
        if trigger.next_at > now:
            trigger_schedule(trigger)
            return 0
        if (stop := stopped(f"workflow:{trigger.definition}")) is not None:
            # What passes meanwhile is caught up by the trigger's rule, and not started a hundredfold after the release.
            work_hold(Stopped(stop), kind=TRIGGER_WORK, reference=str(trigger_id))
            return 0
        passed = times_between(trigger.crontab, trigger.next_at, now + timedelta(microseconds=1), _zone(trigger), most=_NOTED)
        fired = [_fire(trigger, at) for at in _caught_up(trigger, passed, now)]
        trigger_schedule(trigger, after=now)
    return sum(firing.outcome == TriggerFiring.Outcome.STARTED for firing in fired)


def trigger_backfill(*, trigger: Trigger, start: datetime, end: datetime, actor: Actor) -> list[TriggerFiring]:
    """Fire for every set time from ``start`` on and before ``end`` that has no firing with a run, the oldest first.

    Doing it again starts nothing twice. Raises PermissionDenied, and BackfillRefused for more than a hundred times, the future,
    or a trigger without times.
    """
    actor.require(Permission.SETTINGS_MANAGE)
    if trigger.kind != Kind.CRON:
        raise BackfillRefused("Only a trigger with set times can be filled in afterwards.")
    if end > timezone.now():
        raise BackfillRefused("Only times that have passed can be filled in.")
    times = times_between(trigger.crontab, start, end, _zone(trigger), most=MOST_CAUGHT_UP + 1)
    if len(times) > MOST_CAUGHT_UP:
        raise BackfillRefused(f"More than {MOST_CAUGHT_UP} times lie there. Fill them in by parts.")
    with transaction.atomic():
        locked = Trigger.objects.select_for_update(no_key=True).get(pk=trigger.pk)
        # What was noted as missed is given its run now.
        keys = [at.isoformat() for at in times]
        locked.firings.filter(key__in=keys, outcome=TriggerFiring.Outcome.MISSED).delete()
        detail = {"from": start.isoformat(), "to": end.isoformat(), "times": len(times)}
        audit_record(actor=actor.identifier, action="workflow.trigger_backfilled", subject=locked.reference, detail=detail)
        return [_fire(locked, at, fired_by=actor.identifier) for at in times]


def _caught_up(trigger: Trigger, passed: Sequence[datetime], now: datetime) -> Sequence[datetime]:
    """Which of the times that passed get a run; the others are noted as missed."""
    on_time = [at for at in passed if now - at <= ON_TIME]
    late = [at for at in passed if now - at > ON_TIME]
    match CatchUp(trigger.catch_up):
        case CatchUp.NONE:
            kept = on_time
        case CatchUp.LATEST:
            kept = list(passed[-1:])
        case CatchUp.ALL:
            kept = [*late[-trigger.catch_up_most :], *on_time]
    for at in passed:
        if at not in kept:
            firing_missed(
                trigger=trigger, due_at=at, why=f"Its time passed unseen; missed times: {trigger.get_catch_up_display()}."
            )
    return kept


def _fire(trigger: Trigger, at: datetime, *, fired_by: str = "") -> TriggerFiring:
    cause = Cause(kept={"due_at": at.isoformat()}, due_at=at)
    return trigger_fire(trigger=trigger, key=at.isoformat(), cause=cause, fired_by=fired_by)


def _zone(trigger: Trigger) -> ZoneInfo:
    return ZoneInfo(zone_of(trigger))
