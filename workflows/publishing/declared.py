"""What a definition says of its own starts, as rows: triggers and limits that come with it and go with it.

A product's definition says them to everybody, and a tenant installs them; publishing a definition of one's own does that by
itself. They act in the name of who did it. What people made by hand is not touched: a limit set by hand counts instead of the
definition's, and a trigger that was switched off stays off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Permission
from workflows.definition import Definition
from workflows.definition.starts import CronTrigger, EventTrigger
from workflows.library import UnknownDefinition, definition_named
from workflows.limits.models import DefinitionLimit
from workflows.services.limits import limit_put, limit_remove
from workflows.triggers.cron import CrontabRefused, next_time
from workflows.triggers.models import CatchUp, Kind, Trigger
from workflows.triggers.services import TriggerSpec, trigger_change, trigger_create, trigger_let_go
from workflows.triggers.topics import topics_offered


@dataclass(frozen=True)
class Declared:
    """What became of it: triggers by their keys, and the limit; both empty where the definition says nothing."""

    triggers: dict[str, Trigger]
    limit: DefinitionLimit | None


def declared_problems(definition: Definition) -> list[str]:
    """One sentence for each topic that a trigger waits for and nobody emits, and for times that never come."""
    return [*_unknown_topics(definition), *_impossible_times(definition)]


def _impossible_times(definition: Definition) -> Iterator[str]:
    for key, one in definition.triggers.items():
        if isinstance(one, CronTrigger):
            try:
                next_time(one.crontab, timezone.now(), UTC)
            except CrontabRefused as refused:
                yield f"trigger {key!r}: {refused}"


def _unknown_topics(definition: Definition) -> list[str]:
    offered = topics_offered()
    waits = {key: one.topic for key, one in definition.triggers.items() if isinstance(one, EventTrigger)}
    return [
        f"trigger {key!r}: there is no topic {topic!r} to wait for; there are {', '.join(offered)}"
        for key, topic in waits.items()
        if topic not in offered
    ]


def definition_install(*, name: str, actor: Actor) -> Declared:
    """Have the triggers and limits that the newest definition of this name says, and no others that a former one said.

    Doing it again changes nothing but in whose name they act. Raises PermissionDenied and TriggerRefused.
    """
    actor.require(Permission.SETTINGS_MANAGE)
    definition = _newest(name)
    said = definition.triggers if definition else {}
    with transaction.atomic():
        rows = {row.declared: row for row in Trigger.objects.filter(definition=name).exclude(declared="")}
        for key, row in rows.items():
            if key not in said or said[key].kind != row.kind:
                trigger_let_go(trigger=row, actor=actor)
        made = {key: _trigger(key, definition, rows.get(key), actor) for key in said} if definition else {}
        return Declared(made, limit_install(name, definition, actor))


def declared_here(name: str) -> Declared:
    """The rows that stand for what a definition says."""
    rows = Trigger.objects.filter(definition=name).exclude(declared="").order_by("pk")
    return Declared({row.declared: row for row in rows}, DefinitionLimit.objects.filter(definition=name).first())


def _newest(name: str) -> Definition | None:
    try:
        return definition_named(name)
    except UnknownDefinition:
        return None


def _trigger(key: str, definition: Definition, row: Trigger | None, actor: Actor) -> Trigger:
    spec = trigger_said(key, definition)
    if row is None or row.kind != spec.kind:
        return trigger_create(spec=spec, actor=actor, declared=key)
    return trigger_change(trigger=row, spec=spec, actor=actor, declared=key)


def trigger_said(key: str, definition: Definition) -> TriggerSpec:
    """The trigger that the definition says under this key."""
    said = definition.triggers[key]
    fields: dict[str, Any] = {}
    if isinstance(said, EventTrigger):
        fields = {"topic": said.topic, "match": said.match}
    if isinstance(said, CronTrigger):
        times = {"crontab": said.crontab, "time_zone": said.time_zone, "catch_up_most": said.catch_up_most}
        fields = {**times, "catch_up": CatchUp(said.catch_up)}
    return TriggerSpec(
        title=said.title or f"{definition.title}: {key.replace('_', ' ')}"[:120],
        kind=Kind(said.kind),
        definition=definition.name,
        inputs=dict(said.inputs),
        subject=said.subject,
        priority=said.priority or "",
        most_an_hour=said.most_an_hour,
        **fields,
    )


def limit_install(name: str, definition: Definition | None, actor: Actor) -> DefinitionLimit | None:
    """Have the limit that the definition says, unless a person set one by hand."""
    row = DefinitionLimit.objects.filter(definition=name).first()
    if row is not None and not row.declared:
        return row  # a person's own word counts
    said = definition.limits if definition else None
    if said is not None:
        bounds = said.model_dump(include={"at_once", "key", "starts", "per_seconds"})
        return limit_put(definition=name, actor=actor, declared=True, **bounds)
    if row is not None:
        limit_remove(definition=name, actor=actor)
    return None
