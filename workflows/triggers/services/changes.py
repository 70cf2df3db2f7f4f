"""Making triggers, changing them, switching them off, and their secrets."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.scheduler.policies import Priority
from kernel.schemas import current_schema
from tenants.actors import Actor
from tenants.roles import Permission
from workflows.library import definition_named
from workflows.references import references_in
from workflows.triggers.cron import crontab_parsed
from workflows.triggers.models import MOST_CAUGHT_UP, CatchUp, Kind, Trigger
from workflows.triggers.services.times import trigger_schedule
from workflows.triggers.signatures import secret_of

# How long the former secret is good beside the new one, so that a sender can be changed without losing a call.
BOTH_GOOD = timedelta(hours=24)
_SCOPES = {
    Kind.EVENT: ("event", "time"),
    Kind.WEBHOOK: ("body", "delivery", "time"),
    Kind.CRON: ("time",),
    Kind.API: ("time",),
    Kind.FORM: ("time",),
}


class TriggerRefused(ValueError):
    """A trigger cannot be made like this; the message names what is wrong."""


@dataclass(frozen=True)
class TriggerSpec:
    """What a trigger is to be; see ``Trigger`` for each."""

    title: str
    kind: Kind
    definition: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    priority: str = ""
    most_an_hour: int = 600
    topic: str = ""
    match: Mapping[str, Any] = field(default_factory=dict)
    crontab: str = ""
    time_zone: str = ""
    catch_up: CatchUp = CatchUp.LATEST
    catch_up_most: int = 10


def trigger_create(*, spec: TriggerSpec, actor: Actor, declared: str = "", acts_as: str = "", enabled: bool = True) -> Trigger:
    """Make a trigger that starts runs in the actor's name. Raises PermissionDenied, UnknownDefinition and TriggerRefused.

    ``declared`` is its key in the definition that says it (see ``workflows.publishing.declared``). ``acts_as`` is whose name it
    starts runs in where an upgrade brings it, and not that person.
    """
    _require(actor)
    _check(spec)
    with transaction.atomic():
        trigger = Trigger(created_by=actor.identifier, declared=declared, enabled=enabled)
        if spec.kind == Kind.WEBHOOK:
            trigger.secret_salt = secrets.token_hex(16)
        _write(trigger, spec, acts_as or actor.identifier)
        _audit(trigger, "created", actor)
    return trigger


def trigger_change(*, trigger: Trigger, spec: TriggerSpec, actor: Actor, declared: str = "", acts_as: str = "") -> Trigger:
    """Change all of a trigger but its kind; from now on it acts in this actor's name, or ``acts_as``. Raises as the former does.

    One that stands in a definition is changed there, which names it by ``declared``: the next version would undo anything else.
    """
    _require(actor)
    _check(spec)
    if trigger.declared != declared:
        raise TriggerRefused(
            f"This trigger stands in the definition {trigger.definition!r}. Change it there and publish, or switch it off."
        )
    if spec.kind != trigger.kind:
        raise TriggerRefused(f"This trigger waits for {trigger.get_kind_display()}. Make a new one to wait for something else.")
    with transaction.atomic():
        locked = Trigger.objects.select_for_update().get(pk=trigger.pk)
        _write(locked, spec, acts_as or actor.identifier)
        _audit(locked, "changed", actor)
    return locked


def trigger_enable(*, trigger: Trigger, enabled: bool, actor: Actor) -> Trigger:
    """Switch a trigger on or off. Times that pass while it is off are caught up by its rule when it is on again."""
    _require(actor)
    with transaction.atomic():
        locked = Trigger.objects.select_for_update().get(pk=trigger.pk)
        if locked.enabled != enabled:
            locked.enabled = enabled
            locked.save(update_fields=["enabled"])
            trigger_schedule(locked)
            _audit(locked, "enabled" if enabled else "disabled", actor)
    return locked


def trigger_let_go(*, trigger: Trigger, actor: Actor) -> Trigger:
    """A definition does not say this trigger any more: it is off, and from now on a person's to switch on or to change."""
    trigger_enable(trigger=trigger, enabled=False, actor=actor)
    with transaction.atomic():
        locked = Trigger.objects.select_for_update().get(pk=trigger.pk)
        locked.declared = ""
        locked.save(update_fields=["declared"])
        _audit(locked, "let_go", actor)
    return locked


def trigger_rotate_secret(*, trigger: Trigger, actor: Actor) -> str:
    """Give a webhook a new secret, which is returned here and shown nowhere again; the former one is good for a day."""
    _require(actor)
    if trigger.kind != Kind.WEBHOOK:
        raise TriggerRefused("Only a webhook has a secret.")
    with transaction.atomic():
        locked = Trigger.objects.select_for_update().get(pk=trigger.pk)
        locked.former_salt, locked.former_until = locked.secret_salt, timezone.now() + BOTH_GOOD
        locked.secret_salt = secrets.token_hex(16)
        locked.save(update_fields=["former_salt", "former_until", "secret_salt"])
        _audit(locked, "secret_rotated", actor)
    return trigger_secret(locked)


def trigger_secret(trigger: Trigger) -> str:
    """The webhook's secret, for whoever has just made or rotated it."""
    return _secret(trigger, trigger.secret_salt)


def secrets_good(trigger: Trigger) -> list[str]:
    """The secrets under which a call is accepted now."""
    former = trigger.former_salt if trigger.former_until and trigger.former_until > timezone.now() else ""
    return [_secret(trigger, salt) for salt in (trigger.secret_salt, former) if salt]


def _secret(trigger: Trigger, salt: str) -> str:
    return secret_of(settings.SECRET_KEY.encode(), owner=f"{current_schema()}|{trigger.public_id}", salt=salt)


def _require(actor: Actor) -> None:
    actor.require(Permission.SETTINGS_MANAGE)
    actor.require(Permission.RUN_START)


def _check(spec: TriggerSpec) -> None:
    graph = definition_named(spec.definition)
    if unknown := sorted(set(spec.inputs) - set(graph.inputs)):
        raise TriggerRefused(f"{graph.title} has no input {', '.join(map(repr, unknown))}. It has: {', '.join(graph.inputs)}.")
    if spec.priority and spec.priority.upper() not in Priority.__members__:
        raise TriggerRefused(f"There is no class {spec.priority!r}. There are: {', '.join(p.name.lower() for p in Priority)}.")
    if not 1 <= spec.catch_up_most <= MOST_CAUGHT_UP:
        raise TriggerRefused(f"At most {MOST_CAUGHT_UP} missed times are caught up.")
    _check_references(spec)
    _check_kind(spec)


def _check_references(spec: TriggerSpec) -> None:
    for reference in references_in([spec.inputs, spec.subject]):
        if reference.path[0] not in _SCOPES[spec.kind]:
            there = ", ".join(f"${{{name}…}}" for name in _SCOPES[spec.kind])
            raise TriggerRefused(f"{reference} leads nowhere in a trigger of this kind. There is: {there}.")


def _check_kind(spec: TriggerSpec) -> None:
    from workflows.triggers.topics import topics_offered  # it listens, and so imports the services

    if spec.kind == Kind.EVENT and spec.topic not in topics_offered():
        raise TriggerRefused(f"There is no topic {spec.topic!r} to wait for. There are: {', '.join(topics_offered())}.")
    if spec.kind == Kind.CRON:
        crontab_parsed(spec.crontab)
        if spec.time_zone and spec.time_zone not in available_timezones():
            raise TriggerRefused(f"{spec.time_zone!r} is no time zone. Write one such as Europe/Berlin.")


def _write(trigger: Trigger, spec: TriggerSpec, acts_as: str) -> None:
    of_kind = {Kind.EVENT: ("topic", "match"), Kind.CRON: ("crontab", "time_zone", "catch_up", "catch_up_most")}
    names = ("title", "kind", "definition", "inputs", "subject", "priority", "most_an_hour", *of_kind.get(spec.kind, ()))
    for name in names:
        setattr(trigger, name, getattr(spec, name))
    trigger.acts_as, trigger.changed_at = acts_as, timezone.now()
    trigger.next_at = None
    trigger.save()
    trigger_schedule(trigger)


def _audit(trigger: Trigger, word: str, actor: Actor) -> None:
    detail = {"title": trigger.title, "kind": trigger.kind, "definition": trigger.definition}
    audit_record(actor=actor.identifier, action=f"workflow.trigger_{word}", subject=trigger.reference, detail=detail)
