"""What Postgres knows of the slots that calls hold, for a scheduler that was emptied."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError
from django_tenants.utils import schema_context
from redis import Redis

from kernel.budgets.models import Reservation
from kernel.budgets.services import budget_reserve, reservation_slot_note
from kernel.llm import holders
from kernel.llm.holders import slots_on_record
from kernel.llm.messages import Delta
from kernel.llm.models import ModelDeployment
from kernel.llm.queues import queue_name
from kernel.llm.services import Priority, complete
from kernel.scheduler.admission import HeldSlot
from kernel.scheduler.policies import Request
from kernel.schemas import current_schema
from tenants.models import Tenant

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant) -> None:
    pass


def test_a_running_call_is_on_record_and_one_that_ended_is_not(make_deployment: MakeDeployment, settings: Any) -> None:
    deployment = make_deployment()
    seen: list[HeldSlot] = []

    def look(_: Delta) -> None:
        if not seen:
            seen.extend(slots_on_record() or [])

    complete(prompt="Well?", on_delta=look, scopes=["agent:target"], process="p1", priority=Priority.BATCH, shared=False)
    (held,) = seen
    assert (held.queue, held.request.tenant, held.request.unit) == (queue_name(deployment), "acme", "agent:target")
    assert (held.request.priority, held.request.works) == (Priority.BATCH, ("process:p1",))
    assert held.request.tokens == Reservation.objects.get().tokens
    assert slots_on_record() == []
    assert current_schema() == "acme"


def test_the_note_names_the_lease_that_valkey_knows(make_deployment: MakeDeployment, settings: Any) -> None:
    deployment = make_deployment()
    known: list[bool] = []

    def look(_: Delta) -> None:
        (held,) = slots_on_record() or []
        with Redis.from_url(settings.REDIS_URL) as client:
            known.append(client.zscore(f"vos:admission:queue:{queue_name(deployment)}:leases", held.ticket) is not None)

    complete(prompt="Well?", on_delta=look, shared=False)
    assert set(known) == {True}


def test_slots_of_all_tenants_are_read_but_only_by_the_owning_role(make_deployment: MakeDeployment, in_acme: Tenant) -> None:
    """A slot that another tenant holds is a slot less; which agent of whose it is, is nobody's business."""
    with schema_context("globex"):
        other = budget_reserve(tokens=1, money=Decimal(0))
        reservation_slot_note(reservation=other.pk, slot=HeldSlot("llm:1", "t", 15.0, Request("globex")).packed())
    assert [held.request.tenant for held in slots_on_record() or []] == ["globex"]
    assert not Reservation.objects.filter(slot__isnull=False).exists()


def test_a_note_of_another_version_is_passed_over(make_deployment: MakeDeployment) -> None:
    held = budget_reserve(tokens=1, money=Decimal(0))
    reservation_slot_note(reservation=held.pk, slot={"queue": "llm:1", "slot": 3})
    assert slots_on_record() == []


def test_without_the_database_nobody_can_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("the server is starting up")

    monkeypatch.setattr(holders, "slots_held", fail)
    assert slots_on_record() is None
