"""Setting and releasing stops: row, audit record and event in one transaction, and a nudge to all workers after it."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_tenants.utils import get_public_schema_name, schema_context

from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.schemas import current_schema
from kernel.stops.models import RELEASED_BY, STANDING, Kind, Stop, StopRelease
from kernel.stops.nudges import nudge
from kernel.stops.people import Person, person_of, person_permitted
from kernel.stops.topics import RELEASE_ASKED, RELEASE_WITHDRAWN, RELEASED, STOPPED, StopEvent

# What audit says where the same was stopped already: nothing changes, but who wanted it too, and why, is on record.
STOPPED_ALREADY = "oversight.stopped_already"

__all__ = ["ReleaseRefused", "stop_release", "stop_release_withdraw", "stop_set"]


class ReleaseRefused(PermissionError):
    """This person's word does not release the stop; the message says whose would."""


def stop_set(*, kind: str, reason: str, actor: str, key: str = "", schema_name: str | None = None) -> Stop:
    """Stop an agent, a workflow, a tenant or the platform, from the commit on.

    ``key`` names the agent or workflow. ``schema_name`` is the tenant's: the current one unless given; operators, who work in the
    public schema, give one, or none for every tenant. Where the same is stopped already by the same side, that stop is returned.
    Raises PermissionDenied, and ValueError for a scope or a reason that is none.
    """
    place = _place(Kind(kind), schema_name)
    person = person_permitted(actor, "set", place)
    if not reason.strip():
        raise ValueError("Say why: everybody whose work waits reads it.")
    if (kind in {Kind.AGENT, Kind.WORKFLOW}) != bool(key):
        raise ValueError(f"A stop of {Kind(kind).label} {'names it' if not key else 'has no name'}.")
    with transaction.atomic():
        stop, is_new = _standing_or_new(Kind(kind), key, place, reason.strip(), person)
        _record(STOPPED if is_new else STOPPED_ALREADY, stop, reason.strip(), person)
    return stop


def stop_release(*, stop: Stop, reason: str, actor: str) -> Stop:
    """Say that the stop may be released. The first person's word asks for it, the second person's releases it.

    A word stands for ``VOS_RELEASE_ASKED_HOURS``, unless it is taken back. Whoever set the stop may be one of the two. A
    stop that an operator set takes an operator among them. Returns the stop as it is then.
    Raises PermissionDenied, ReleaseRefused where the person's word does not count (again), and ValueError without a reason.
    """
    person = person_permitted(actor, "release", stop.schema_name)
    if not reason.strip():
        raise ValueError("Say why it is safe to go on.")
    with transaction.atomic():
        held = Stop.objects.select_for_update().get(pk=stop.pk)
        _release_said(held, reason.strip(), person)
        if _is_released(held):
            Stop.objects.filter(pk=held.pk).update(released_at=held.set_at)  # the trigger writes the database's time
            held.refresh_from_db()
        _record(RELEASED if held.released_at else RELEASE_ASKED, held, reason.strip(), person)
    return held


def stop_release_withdraw(*, stop: Stop, actor: str) -> Stop:
    """Take one's own word for a release back: it counts no more, and the stop stays in force.

    Also whoever may not release any more takes theirs back: that only keeps things stopped. Raises PermissionDenied for who is no
    person, and ReleaseRefused where there is no word of theirs that stands.
    """
    person = person_of(actor)
    with transaction.atomic():
        held = Stop.objects.select_for_update().get(pk=stop.pk)
        mine = [one for one in _standing(held) if one.person == person.account and held.released_at is None]
        if not mine:
            raise ReleaseRefused("You have not asked for its release, or it is over. There is nothing to take back.")
        # The trigger writes the database's time.
        StopRelease.objects.filter(pk__in=[one.pk for one in mine]).update(withdrawn_at=Now())
        _record(RELEASE_WITHDRAWN, held, mine[0].reason, person)
    return held


def _place(kind: Kind, schema_name: str | None) -> str:
    """The schema that the stop is of. Raises PermissionDenied from one tenant to another, or to all."""
    here = "" if current_schema() == get_public_schema_name() else current_schema()
    place = here if schema_name is None else schema_name
    if kind is Kind.PLATFORM:
        place = ""
    if here and place != here:
        raise PermissionDenied(f"Only platform operators stop {f'tenant {place}' if place else 'every tenant'}.")
    if kind is Kind.TENANT and not place:
        raise ValueError("Say which tenant is to be stopped.")
    return place


def _standing_or_new(kind: Kind, key: str, place: str, reason: str, person: Person) -> tuple[Stop, bool]:
    same = {"kind": kind, "key": key, "schema_name": place, "by_operator": person.is_operator}
    standing = Stop.objects.filter(released_at=None, **same).first()
    if standing is not None:
        return standing, False
    try:
        with transaction.atomic():
            return Stop.objects.create(**same, reason=reason, set_by=person.actor, set_by_name=person.name), True
    except IntegrityError:
        # Somebody pressed the same button in the same moment.
        return Stop.objects.get(released_at=None, **same), False


def _release_said(stop: Stop, reason: str, person: Person) -> None:
    if stop.released_at is not None:
        raise ReleaseRefused("This stop is released already.")
    said = _standing(stop)
    if any(one.person == person.account for one in said):
        raise ReleaseRefused(f"{person.name} has asked for the release already. Another person must release it.")
    operator = person.is_operator or any(one.actor.startswith("operator:") for one in said)
    if stop.by_operator and said and not operator:
        raise ReleaseRefused("An operator set this stop: one of the two who release it must be an operator.")
    StopRelease.objects.create(
        stop=stop,
        schema_name=stop.schema_name,
        person=person.account,
        actor=person.actor,
        name=person.name,
        reason=reason,
        expires_at=Now() + timedelta(hours=settings.VOS_RELEASE_ASKED_HOURS),
    )


def _is_released(stop: Stop) -> bool:
    return len({one.person for one in _standing(stop)}) >= RELEASED_BY


def _standing(stop: Stop) -> list[StopRelease]:
    """The words that count now, by the database's clock."""
    return list(stop.releases.filter(STANDING).order_by("id"))


def _record(topic: str, stop: Stop, reason: str, person: Person) -> None:
    """Audit record and event, where they belong: in the stop's tenant, or the public schema for those of every tenant."""
    event = StopEvent(
        stop=str(stop.public_id),
        kind=stop.kind,
        key=stop.key,
        schema_name=stop.schema_name,
        scope=stop.scope,
        reason=reason,
        by=person.actor,
        by_name=person.name,
    )
    detail = {"kind": stop.kind, "key": stop.key, "schema": stop.schema_name, "reason": reason}
    with schema_context(stop.schema_name or get_public_schema_name()):
        audit_record(actor=person.actor, action=topic, subject=stop.reference, detail=detail)
        if topic != STOPPED_ALREADY:
            event_emit(topic=topic, aggregate=stop.reference, data=event, actor=person.actor)
    transaction.on_commit(nudge, robust=True)  # who does not hear it looks for itself within a quarter of a second
