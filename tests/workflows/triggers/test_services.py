"""Triggers: events, set times, calls."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from kernel.audit.models import AuditRecord
from kernel.events.envelope import Envelope
from kernel.events.services import event_emit
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Membership, Tenant
from tests.workflows.test_races import at_once
from workflows.models import Execution
from workflows.services.step_runs import run_of
from workflows.triggers.models import CatchUp, Kind, Trigger, TriggerFiring
from workflows.triggers.services import (
    BackfillRefused,
    Cause,
    FireRefused,
    TriggerRefused,
    TriggerSpec,
    trigger_backfill,
    trigger_call,
    trigger_change,
    trigger_create,
    trigger_enable,
    trigger_fire,
    trigger_look,
)
from workflows.triggers.topics import triggers_fire

EVENT = TriggerSpec(
    title="After an approval",
    kind=Kind.EVENT,
    definition="probe",
    topic="approval.decided",
    match={"decision": "approved"},
    inputs={"customer": "${event.data.request}"},
    subject="request:${event.data.request}",
)
CRON = TriggerSpec(
    title="Mondays", kind=Kind.CRON, definition="probe", crontab="0 6 * * *", time_zone="Europe/Berlin",
    inputs={"customer": "${time}"},
)  # fmt: skip
API = TriggerSpec(title="Called", kind=Kind.API, definition="probe", inputs={"rate": 3})
SIX = datetime(2026, 7, 6, 4, 0, tzinfo=UTC)  # 06:00 in Berlin


def _decided(decision: str = "approved", request: str = "7") -> Envelope:
    data = {"request": request, "action": "case.commit", "subject": "case:1", "decision": decision, "content_hash": "x"}
    with transaction.atomic():
        return event_emit(topic="approval.decided", aggregate=f"approval:{request}", data=data, actor="user:1").envelope()


def _cron(owner: Actor, next_at: datetime = SIX, **changed: Any) -> Trigger:
    made = trigger_create(spec=replace(CRON, **changed), actor=owner)
    Trigger.objects.filter(pk=made.pk).update(next_at=next_at)
    return made


def _outcomes(trigger: Trigger) -> list[tuple[str, str]]:
    return [(f"{firing.due_at:%d}", firing.outcome) for firing in trigger.firings.order_by("due_at")]


@pytest.mark.usefixtures("in_acme")
class TestEvents:
    """On a topic, with data that match."""

    def test_event_starts_a_run_once_with_inputs_from_it(self, owner: Actor) -> None:
        trigger = trigger_create(spec=EVENT, actor=owner)
        event = _decided()
        triggers_fire(event)
        triggers_fire(event)
        run = Execution.objects.get()
        assert (run.inputs["customer"], run.subject, run.started_by) == ("7", "request:7", owner.identifier)
        assert (run.trigger, run.taint) == (trigger.reference, "clean")
        firing = TriggerFiring.objects.get()
        assert (firing.execution, firing.key, firing.outcome) == (run, event.id, "started")
        assert AuditRecord.objects.filter(action="workflow.trigger_started").count() == 1

    def test_event_that_does_not_match_or_whose_trigger_is_off_starts_nothing(self, owner: Actor) -> None:
        trigger = trigger_create(spec=EVENT, actor=owner)
        triggers_fire(_decided(decision="rejected"))
        trigger_enable(trigger=trigger, enabled=False, actor=owner)
        triggers_fire(_decided(request="8"))
        assert not Execution.objects.exists()

    def test_run_that_its_own_trigger_started_does_not_start_it_again(self, owner: Actor) -> None:
        spec = replace(EVENT, topic="workflow.completed", match={}, inputs={"customer": "x"}, subject="")
        trigger = trigger_create(spec=spec, actor=owner)
        run = trigger_fire(trigger=trigger, key="1", cause=Cause()).execution
        assert run is not None
        with transaction.atomic():
            data = {"execution": str(run.public_id), "name": "probe", "version": "1.0.0", "subject": "", "state": "completed"}
            event = event_emit(topic="workflow.completed", aggregate=run.reference, data=data, actor="system")
        triggers_fire(event.envelope())
        assert Execution.objects.count() == 1
        assert "start itself for ever" in TriggerFiring.objects.get(outcome="refused").error

    def test_trigger_that_fires_too_often_is_held_to_its_bound(self, owner: Actor) -> None:
        trigger = trigger_create(spec=replace(EVENT, most_an_hour=2), actor=owner)
        for number in range(3):
            triggers_fire(_decided(request=str(number)))
        assert Execution.objects.count() == 2
        assert "as many as it may" in trigger.firings.get(outcome="refused").error

    def test_trigger_of_a_person_who_left_starts_nothing(self, owner: Actor) -> None:
        """Rights are those of the moment: who made the trigger is not a member any more."""
        trigger_create(spec=EVENT, actor=owner)
        with schema_context("public"):
            Membership.objects.filter(user_id=owner.user_id).delete()
        with schema_context("acme"):
            triggers_fire(_decided())
            assert not Execution.objects.exists()
            assert "does not include 'run.start'" in TriggerFiring.objects.get().error


@pytest.mark.usefixtures("in_acme")
class TestTimes:
    """At set times, and for those that passed unseen."""

    def test_time_starts_a_run_once_and_the_next_is_due(self, owner: Actor) -> None:
        trigger = _cron(owner)
        assert trigger_look(trigger_id=trigger.pk, now=SIX) == 1
        assert trigger_look(trigger_id=trigger.pk, now=SIX) == 0
        assert Execution.objects.get().inputs["customer"] == SIX.isoformat()
        trigger.refresh_from_db()
        assert trigger.next_at == SIX + timedelta(days=1)
        assert DueWork.objects.get(kind="workflows.trigger").due_at == trigger.next_at

    def test_time_that_has_not_come_starts_nothing(self, owner: Actor) -> None:
        trigger = _cron(owner)
        assert trigger_look(trigger_id=trigger.pk, now=SIX - timedelta(seconds=1)) == 0
        assert not TriggerFiring.objects.exists()

    @pytest.mark.parametrize(
        ("rule", "outcomes"),
        [
            (CatchUp.NONE, ["missed", "missed", "missed", "missed"]),
            (CatchUp.LATEST, ["missed", "missed", "missed", "started"]),
            (CatchUp.ALL, ["missed", "missed", "started", "started"]),
        ],
    )
    def test_missed_times_are_caught_up_by_rule(self, rule: CatchUp, outcomes: list[str], owner: Actor) -> None:
        trigger = _cron(owner, catch_up=rule, catch_up_most=2)
        trigger_look(trigger_id=trigger.pk, now=SIX + timedelta(days=3, hours=1))
        assert _outcomes(trigger) == [(f"{6 + number:02}", outcome) for number, outcome in enumerate(outcomes)]
        trigger.refresh_from_db()
        assert trigger.next_at == SIX + timedelta(days=4)

    def test_time_on_time_runs_under_every_rule(self, owner: Actor) -> None:
        trigger = _cron(owner, catch_up=CatchUp.NONE)
        assert trigger_look(trigger_id=trigger.pk, now=SIX + timedelta(seconds=20)) == 1

    def test_trigger_switched_off_is_not_due_and_catches_up_when_it_is_on_again(self, owner: Actor) -> None:
        trigger = _cron(owner)
        trigger_enable(trigger=trigger, enabled=False, actor=owner)
        assert not DueWork.objects.filter(kind="workflows.trigger").exists()
        assert trigger_look(trigger_id=trigger.pk, now=SIX) == 0
        trigger_enable(trigger=trigger, enabled=True, actor=owner)
        assert trigger_look(trigger_id=trigger.pk, now=SIX + timedelta(days=1, hours=1)) == 1

    def test_tenants_time_zone_counts_where_the_trigger_names_none(self, owner: Actor) -> None:
        with schema_context("public"):
            Tenant.objects.filter(schema_name="acme").update(time_zone="Asia/Kolkata")
        with schema_context("acme"):
            trigger = trigger_create(spec=replace(CRON, time_zone=""), actor=owner)
        assert trigger.next_at is not None
        assert (trigger.next_at.hour, trigger.next_at.minute) == (0, 30)

    def test_backfill_runs_what_was_missed_and_nothing_twice(self, owner: Actor) -> None:
        trigger = _cron(owner, catch_up=CatchUp.NONE)
        trigger_look(trigger_id=trigger.pk, now=SIX + timedelta(days=2, hours=1))
        window = {"start": SIX, "end": SIX + timedelta(days=2)}
        assert len(trigger_backfill(trigger=trigger, actor=owner, **window)) == 2
        trigger_backfill(trigger=trigger, actor=owner, **window)
        assert _outcomes(trigger) == [("06", "started"), ("07", "started"), ("08", "missed")]
        assert Execution.objects.count() == 2

    def test_backfill_refuses(self, owner: Actor, seller: Actor) -> None:
        trigger = _cron(owner)
        with pytest.raises(BackfillRefused, match="More than 100"):
            trigger_backfill(trigger=trigger, start=SIX - timedelta(days=200), end=SIX, actor=owner)
        with pytest.raises(BackfillRefused, match="have passed"):
            trigger_backfill(trigger=trigger, start=SIX, end=timezone.now() + timedelta(days=1), actor=owner)
        with pytest.raises(PermissionDenied):
            trigger_backfill(trigger=trigger, start=SIX, end=SIX, actor=seller)


@pytest.mark.usefixtures("in_acme")
class TestCallsAndChanges:
    """Calls of the API, and making and changing triggers."""

    def test_call_starts_once_under_its_key_and_cannot_replace_what_the_trigger_sets(self, owner: Actor, seller: Actor) -> None:
        trigger = trigger_create(spec=API, actor=owner)
        first = trigger_call(trigger=trigger, inputs={"customer": "7"}, actor=seller, key="k")
        assert trigger_call(trigger=trigger, inputs={"customer": "8"}, actor=seller, key="k") == first
        run = Execution.objects.get()
        assert (run.inputs, run.started_by, first.fired_by) == (
            {"customer": "7", "rate": 3},
            seller.identifier,
            seller.identifier,
        )
        with pytest.raises(FireRefused, match="sets rate itself"):
            trigger_call(trigger=trigger, inputs={"customer": "7", "rate": 9}, actor=seller)

    def test_caller_with_fewer_rights_does_not_work_with_those_of_who_made_the_trigger(self, owner: Actor, seller: Actor) -> None:
        trigger_call(trigger=trigger_create(spec=API, actor=owner), inputs={"customer": "7"}, actor=seller)
        run = Execution.objects.get()
        assert run_of(run, run.steps.get(position=0), {}).actor.role == seller.role != owner.role

    def test_call_with_inputs_that_do_not_fit_leaves_a_firing_that_says_so(self, owner: Actor) -> None:
        firing = trigger_call(trigger=trigger_create(spec=API, actor=owner), inputs={}, actor=owner)
        assert (firing.outcome, firing.execution) == ("refused", None)
        assert "'customer' is missing" in firing.error

    def test_call_is_refused(self, owner: Actor, approver: Actor) -> None:
        trigger = trigger_create(spec=API, actor=owner)
        with pytest.raises(PermissionDenied):
            trigger_call(trigger=trigger, inputs={}, actor=approver)
        with pytest.raises(FireRefused, match="cannot be called"):
            trigger_call(trigger=trigger_create(spec=EVENT, actor=owner), inputs={}, actor=owner)
        off = trigger_enable(trigger=trigger, enabled=False, actor=owner)
        with pytest.raises(FireRefused, match="switched off"):
            trigger_call(trigger=off, inputs={}, actor=owner)

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"inputs": {"color": "red"}}, "no input 'color'"),
            ({"topic": "workflow.step_completed"}, "no topic"),
            ({"inputs": {"customer": "${body.customer}"}}, "leads nowhere in a trigger of this kind"),
            ({"priority": "urgent"}, "no class 'urgent'"),
            ({"kind": Kind.CRON, "crontab": "every day", "inputs": {}, "subject": ""}, "five are needed"),
            ({"kind": Kind.CRON, "crontab": "0 6 * * *", "time_zone": "Mars", "inputs": {}, "subject": ""}, "no time zone"),
        ],
        ids=["input", "topic", "reference", "class", "crontab", "zone"],
    )
    def test_trigger_that_could_never_work_is_not_made(self, changed: dict[str, Any], words: str, owner: Actor) -> None:
        with pytest.raises(ValueError, match=words):
            trigger_create(spec=replace(EVENT, **changed), actor=owner)
        assert not Trigger.objects.exists()

    def test_trigger_is_made_and_changed_by_those_with_the_right_to(self, owner: Actor, seller: Actor) -> None:
        with pytest.raises(PermissionDenied):
            trigger_create(spec=EVENT, actor=seller)
        trigger = trigger_create(spec=EVENT, actor=SYSTEM_ACTOR)
        with pytest.raises(TriggerRefused, match="Make a new one"):
            trigger_change(trigger=trigger, spec=API, actor=owner)
        changed = trigger_change(trigger=trigger, spec=replace(EVENT, match={"decision": "rejected"}), actor=owner)
        assert (changed.match, changed.acts_as) == ({"decision": "rejected"}, owner.identifier)


def test_race_of_firings_under_one_key_starts_one_run(committed: Tenant) -> None:
    with tenant_context(committed):
        trigger = trigger_create(spec=API, actor=SYSTEM_ACTOR)

    def call() -> Any:
        return trigger_call(trigger=trigger, inputs={"customer": "7"}, actor=SYSTEM_ACTOR, key="k").pk

    calls: list[Callable[[], Any]] = [call, call, call]
    assert len(set(at_once(committed, *calls))) == 1
    with tenant_context(committed):
        assert Execution.objects.count() == 1
