"""An upgrade of the product brings what tenants installed up to date, and nothing that they decided otherwise."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from tenants.actors import Actor
from tenants.models import User
from workflows import library
from workflows.definition import definition_read
from workflows.limits.models import DefinitionLimit
from workflows.publishing.declared import definition_install
from workflows.publishing.upgrading import installed_sync
from workflows.services.limits import limit_put, limit_remove
from workflows.triggers.models import Trigger
from workflows.triggers.services import trigger_enable

pytestmark = pytest.mark.usefixtures("in_acme")

HEAD = "format: vos.workflow/1\nname: shipped\nversion: 1.0.0\ntitle: Shipped\nsteps: {say: {kind: compute, values: {x: '1'}}}\n"
FIRST = """
limits: {at_once: 1}
triggers:
  daily: {kind: cron, crontab: "0 6 * * *"}
  hook: {kind: webhook}
  gone: {kind: form}
"""
NEXT = """
limits: {at_once: 3}
triggers:
  daily: {kind: cron, crontab: "0 7 * * *"}
  hook: {kind: webhook, title: Renamed}
  more: {kind: cron, crontab: "0 8 * * *"}
"""
type Ship = Callable[[str], None]


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Ship:
    """Have the product come with this text of its workflow ``shipped``; an empty one takes the workflow out of it."""

    def shipped(starts: str) -> None:
        monkeypatch.setattr(library, "_product_linked", lambda name: library.definitions()[name])
        if starts:
            monkeypatch.setitem(library.definitions(), "shipped", definition_read(HEAD + starts))
        else:
            monkeypatch.delitem(library.definitions(), "shipped")

    return shipped


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor], ship: Ship) -> Actor:
    """Alice, who has installed the first version."""
    owner = actor_for(alice)
    ship(FIRST)
    definition_install(name="shipped", actor=owner)
    return owner


def _rows() -> dict[str, Trigger]:
    return {row.declared or "a person's": row for row in Trigger.objects.all()}


def test_upgrade_changes_what_was_installed_and_keeps_who_it_acts_for_what_is_off_and_the_secret(
    owner: Actor, ship: Ship
) -> None:
    before = _rows()
    trigger_enable(trigger=before["hook"], enabled=False, actor=owner)
    ship(NEXT)
    assert len(installed_sync()) == 5
    rows = _rows()
    assert (rows["daily"].pk, rows["daily"].crontab, rows["daily"].enabled) == (before["daily"].pk, "0 7 * * *", True)
    assert (rows["hook"].title, rows["hook"].enabled, rows["hook"].secret_salt) == ("Renamed", False, before["hook"].secret_salt)
    assert {row.acts_as for row in rows.values()} == {owner.identifier}
    assert rows["a person's"].pk == before["gone"].pk
    assert not rows["a person's"].enabled
    assert DefinitionLimit.objects.get().at_once == 3


def test_trigger_that_is_new_starts_nothing_until_a_person_switches_it_on(owner: Actor, ship: Ship) -> None:
    ship(NEXT)
    installed_sync()
    new = _rows()["more"]
    assert (new.enabled, new.next_at) == (False, None)
    trigger_enable(trigger=new, enabled=True, actor=owner)
    assert installed_sync() == []
    assert _rows()["more"].enabled


def test_syncing_again_changes_nothing(owner: Actor) -> None:
    before = list(Trigger.objects.values())
    assert installed_sync() == []
    assert list(Trigger.objects.values()) == before


def test_limit_that_a_person_set_or_took_away_is_left_alone(owner: Actor, ship: Ship) -> None:
    limit_put(definition="shipped", at_once=9, actor=owner)
    ship(NEXT)
    installed_sync()
    assert DefinitionLimit.objects.get().at_once == 9
    limit_remove(definition="shipped", actor=owner)
    installed_sync()
    assert not DefinitionLimit.objects.exists()


def test_tenant_that_installed_nothing_gets_nothing(ship: Ship) -> None:
    ship(NEXT)
    assert installed_sync() == []
    assert not Trigger.objects.exists()


def test_workflow_that_the_product_has_no_more_starts_nothing(owner: Actor, ship: Ship) -> None:
    ship("")
    installed_sync()
    assert not Trigger.objects.filter(enabled=True).exists()
    assert not DefinitionLimit.objects.exists()


def test_migrating_everything_brings_it_and_migrating_one_app_does_not(
    owner: Actor, ship: Ship, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrateSchemasCommand, "handle", lambda self, **_options: setattr(self, "sync_tenant", True))
    ship(NEXT)
    said = StringIO()
    call_command("migrate_schemas", "workflows", stdout=said)
    assert said.getvalue() == ""
    call_command("migrate_schemas", stdout=said)
    assert "acme: shipped: the trigger 'daily' is what the definition says now" in said.getvalue()
