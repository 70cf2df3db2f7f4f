"""Triggers and limits that stand in a definition, as rows."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from tenants.actors import Actor
from tenants.models import User
from workflows.limits.models import DefinitionLimit
from workflows.models import Execution
from workflows.publishing.declared import definition_install
from workflows.publishing.models import DefinitionVersion
from workflows.publishing.services import PublishingRefused, definition_draft_save, definition_publish, definition_retire
from workflows.services.limits import limit_put
from workflows.triggers.models import Kind, Trigger
from workflows.triggers.services import (
    TriggerRefused,
    TriggerSpec,
    trigger_call,
    trigger_change,
    trigger_create,
    trigger_enable,
)

pytestmark = pytest.mark.usefixtures("in_acme")

TEXT = """
format: vos.workflow/1
name: mine
version: {version}
title: Mine
inputs: {{customer: {{type: text, default: none}}}}
{starts}
steps:
  say: {{kind: compute, values: {{x: "1"}}}}
"""
BOTH = """
limits: {at_once: 1, key: "${inputs.customer}"}
triggers:
  by_hand: {kind: form, title: Ask for one}
  mondays: {kind: cron, crontab: "0 6 * * 1", time_zone: Europe/Berlin}
"""


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice, who owns the tenant."""
    return actor_for(alice)


def _published(owner: Actor, starts: str, version: str = "1.0.0") -> DefinitionVersion:
    draft = definition_draft_save(text=TEXT.format(version=version, starts=starts), actor=owner)
    return definition_publish(version=draft, actor=owner)


def _declared() -> dict[str, Trigger]:
    return {row.declared: row for row in Trigger.objects.exclude(declared="")}


def test_publishing_makes_rows_of_what_the_definition_says(owner: Actor) -> None:
    _published(owner, BOTH)
    rows = _declared()
    assert set(rows) == {"by_hand", "mondays"}
    assert (rows["mondays"].crontab, rows["mondays"].acts_as, rows["mondays"].next_at is not None) == (
        "0 6 * * 1",
        owner.identifier,
        True,
    )
    limit = DefinitionLimit.objects.get(definition="mine")
    assert (limit.at_once, limit.key, limit.declared) == (1, "${inputs.customer}", True)
    firing = trigger_call(trigger=rows["by_hand"], inputs={"customer": "c1"}, actor=owner)
    assert firing.execution is not None
    assert Execution.objects.get().concurrency_key == "c1"


def test_next_version_changes_them_keeps_what_was_switched_off_and_lets_go_of_the_rest(owner: Actor) -> None:
    _published(owner, BOTH)
    before = _declared()
    trigger_enable(trigger=before["by_hand"], enabled=False, actor=owner)
    _published(owner, "triggers: {by_hand: {kind: form, title: Ask again}}", "1.0.1")
    after = _declared()
    assert set(after) == {"by_hand"}
    assert (after["by_hand"].pk, after["by_hand"].title, after["by_hand"].enabled) == (before["by_hand"].pk, "Ask again", False)
    gone = Trigger.objects.get(pk=before["mondays"].pk)
    assert (gone.enabled, gone.declared) == (False, "")
    assert not DefinitionLimit.objects.exists()


def test_rows_made_by_hand_stay(owner: Actor) -> None:
    limit_put(definition="mine", at_once=7, actor=owner)
    _published(owner, "")
    by_hand = trigger_create(spec=TriggerSpec("Mine", Kind.API, "mine"), actor=owner)
    _published(owner, BOTH, "1.0.1")
    assert DefinitionLimit.objects.get().at_once == 7
    _published(owner, "", "1.0.2")
    by_hand.refresh_from_db()
    assert (DefinitionLimit.objects.get().at_once, by_hand.enabled) == (7, True)


def test_retiring_brings_back_what_the_version_before_said(owner: Actor) -> None:
    first = _published(owner, BOTH)
    second = _published(owner, "", "1.0.1")
    assert _declared() == {}
    definition_retire(version=second, actor=owner)
    assert set(_declared()) == {"by_hand", "mondays"}
    definition_retire(version=first, actor=owner)
    assert _declared() == {}
    assert not Trigger.objects.filter(enabled=True).exists()


def test_webhook_keeps_its_secret_over_versions(owner: Actor) -> None:
    _published(owner, "triggers: {hook: {kind: webhook}}")
    salt = _declared()["hook"].secret_salt
    _published(owner, "triggers: {hook: {kind: webhook, title: Renamed}}", "1.0.1")
    assert (_declared()["hook"].secret_salt, _declared()["hook"].title) == (salt, "Renamed")


def test_trigger_that_stands_in_a_definition_cannot_be_rewritten_beside_it(owner: Actor) -> None:
    _published(owner, BOTH)
    with pytest.raises(TriggerRefused, match="stands in the definition 'mine'"):
        trigger_change(trigger=_declared()["by_hand"], spec=TriggerSpec("Other", Kind.FORM, "mine"), actor=owner)


def test_topic_that_nobody_emits_is_refused_at_publishing_and_nothing_changes(owner: Actor) -> None:
    with pytest.raises(PublishingRefused, match="trigger 'x': there is no topic 'no.such'"):
        _published(owner, "triggers: {x: {kind: event, topic: no.such}}")
    assert not Trigger.objects.exists()


def test_who_may_not_manage_settings_installs_nothing(seller: Actor) -> None:
    with pytest.raises(PermissionDenied):
        definition_install(name="lifecycle", actor=seller)
