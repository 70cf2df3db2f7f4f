"""Absences: handing one's votes over, for others by those who manage members, and ending it early."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from approvals.models import Delegation
from approvals.services import delegation_give
from tenants.actors import Actor
from tenants.models import Tenant, User

type ClientFor = Callable[[User | None, Tenant], Client]

URL = "/oversight/absences/"


@pytest.fixture
def bobs(client_for: ClientFor, bob: User, acme: Tenant) -> Client:
    """Bob's browser."""
    return client_for(bob, acme)


@pytest.fixture
def alices(client_for: ClientFor, alice: User, acme: Tenant) -> Client:
    """The owner's browser."""
    return client_for(alice, acme)


def fields(giver: User, taker: User, changed: dict[str, str] | None = None) -> dict[str, str]:
    until = (timezone.now() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    return {"giver": f"user:{giver.pk}", "taker": f"user:{taker.pk}", "ends_at": until, "reason": "holiday", **(changed or {})}


def kept() -> list[Delegation]:
    with schema_context("acme"):
        return list(Delegation.objects.order_by("pk"))


def test_who_votes_hands_their_own_votes_over_and_ends_it_early(bobs: Client, bob: User, carol: User) -> None:
    assert "Nobody stands in for anybody." in bobs.get(URL).content.decode()
    assert bobs.post(URL, {**fields(bob, carol), "actions": ["case.commit"]}).status_code == 302
    (made,) = kept()
    assert (made.giver, made.taker, made.actions) == (f"user:{bob.pk}", f"user:{carol.pk}", ["case.commit"])
    page = bobs.get(URL).content.decode()
    assert "<strong>Carol Finance</strong> for Bob Approver" in page
    assert "In force" in page
    bobs.post(f"{URL}{made.public_id}/end/")
    assert kept()[0].withdrawn_at is not None
    assert "Ended early" in bobs.get(URL).content.decode()


def test_nobody_hands_over_another_persons_votes(bobs: Client, bob: User, carol: User) -> None:
    answer = bobs.post(URL, fields(carol, bob))
    assert answer.status_code == 422
    assert kept() == []


def test_who_manages_members_does_it_for_others(alices: Client, bob: User, carol: User) -> None:
    assert alices.post(URL, fields(bob, carol)).status_code == 302
    assert "set by" in alices.get(URL).content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ends_at": "2020-01-01T00:00"}, "It ends later than it begins, and in the future."),
        ({"taker": ""}, "This field is required."),
    ],
    ids=["past", "nobody"],
)
def test_what_is_wrong_is_told_in_the_form(changed: dict[str, str], words: str, bobs: Client, bob: User, carol: User) -> None:
    answer = bobs.post(URL, fields(bob, carol, changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert kept() == []


def test_a_seller_has_no_votes_to_hand_over(sams: Client, sam: User, bob: User) -> None:
    assert b"Hand over" not in sams.get(URL).content
    assert sams.post(URL, fields(sam, bob)).status_code == 403
    assert kept() == []


def test_others_absences_are_neither_seen_nor_ended(
    client_for: ClientFor, acme: Tenant, alice: User, bob: User, carol: User, sams: Client, actor_for: Callable[[User], Actor]
) -> None:
    with tenant_context(acme):
        made = delegation_give(
            giver=f"user:{bob.pk}", taker=f"user:{carol.pk}", by=actor_for(bob), ends_at=timezone.now() + timedelta(days=1)
        )
    assert sams.post(f"{URL}{made.public_id}/end/").status_code == 404
    assert b"Carol Finance" not in sams.get(URL).content
    # Who takes the votes sees it, and leaves the ending to who gave them.
    carols = client_for(carol, acme)
    assert carols.post(f"{URL}{made.public_id}/end/").status_code == 403
    assert kept()[0].withdrawn_at is None


def test_the_lists_queries_do_not_grow(
    bobs: Client, acme: Tenant, bob: User, carol: User, alice: User, actor_for: Callable[[User], Actor]
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as made:
            assert bobs.get(URL).status_code == 200
        return len(made)

    def give(taker: User, days: int) -> None:
        with tenant_context(acme):
            delegation_give(
                giver=f"user:{bob.pk}", taker=f"user:{taker.pk}", by=actor_for(bob), ends_at=timezone.now() + timedelta(days=days)
            )

    give(carol, 1)
    one = counted()
    give(alice, 2)
    give(carol, 3)
    assert counted() == one
