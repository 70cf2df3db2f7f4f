"""After an upgrade of the product: what a tenant installed of its workflows says what their newest definitions say.

Run at the end of every ``migrate``, and by ``manage.py workflow sync``. Doing it again changes nothing. What a tenant decided
stays: in whose name a trigger acts, that it is switched off, a webhook's secret, a limit set by hand, whatever people made
themselves. A trigger that is new in the definition comes switched off, because nobody here has asked for it yet.
"""

from collections.abc import Iterator
from dataclasses import fields

from django.db import transaction

from tenants.actors import SYSTEM_ACTOR
from workflows.definition import Definition
from workflows.library import definition_named, definitions
from workflows.limits.models import DefinitionLimit
from workflows.publishing.declared import limit_install, trigger_said
from workflows.publishing.selectors import names_published
from workflows.triggers.models import Trigger
from workflows.triggers.services import TriggerSpec, trigger_change, trigger_create, trigger_let_go

_BOUNDS = ("at_once", "key", "starts", "per_seconds")


def installed_sync() -> list[str]:
    """Bring the current tenant's installed triggers and limits to what the product says now; one sentence for each change."""
    with transaction.atomic():
        return [sentence for name in _installed() for sentence in _synced(name)]


def _installed() -> list[str]:
    """The product's workflows that say triggers or limits here, and those that the product has no more."""
    triggers = Trigger.objects.exclude(declared="").values_list("definition", flat=True)
    limits = DefinitionLimit.objects.filter(declared=True).values_list("definition", flat=True)
    found = {*triggers, *limits}
    return sorted(found - set(names_published())) if found else []


def _synced(name: str) -> Iterator[str]:
    definition = definition_named(name) if name in definitions() else None
    rows = {row.declared: row for row in Trigger.objects.filter(definition=name).exclude(declared="").order_by("pk")}
    said = {key: trigger_said(key, definition) for key in definition.triggers} if definition else {}
    person = next((row.acts_as for row in rows.values()), "")
    for key, row in rows.items():
        if key not in said or said[key].kind != row.kind:
            trigger_let_go(trigger=row, actor=SYSTEM_ACTOR)
            yield f"{name}: the trigger {key!r} is said no more; it is off, and a person's from now on"
    for key, spec in said.items():
        if sentence := _trigger(key, spec, rows.get(key), person):
            yield f"{name}: {sentence}"
    if _limit_differs(name, definition):
        limit_install(name, definition, SYSTEM_ACTOR)
        yield f"{name}: the limit is what the definition says now"


def _trigger(key: str, spec: TriggerSpec, row: Trigger | None, person: str) -> str:
    if row is None or row.kind != spec.kind:
        trigger_create(spec=spec, actor=SYSTEM_ACTOR, declared=key, acts_as=person, enabled=False)
        return f"the trigger {key!r} is new; it is off until a person switches it on"
    if all(getattr(row, one.name) == getattr(spec, one.name) for one in fields(spec)):
        return ""
    trigger_change(trigger=row, spec=spec, actor=SYSTEM_ACTOR, declared=key, acts_as=row.acts_as)
    return f"the trigger {key!r} is what the definition says now"


def _limit_differs(name: str, definition: Definition | None) -> bool:
    row = DefinitionLimit.objects.filter(definition=name, declared=True).first()
    said = definition.limits if definition else None
    if row is None:
        return False  # there was none, or a person took it away; who wants it installs it
    return said is None or any(getattr(row, bound) != getattr(said, bound) for bound in _BOUNDS)
