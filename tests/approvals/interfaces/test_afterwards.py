"""What an approver says of a deed that a rule allowed, from the same page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest, Review
from approvals.modes import Mode
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.approvals import publish_make, quorum

type ClientFor = Callable[[User | None, Tenant], Client]


def _allowed(acme: Tenant, seller: Actor, mode: Mode) -> ApprovalRequest:
    with tenant_context(acme):
        return publish_make(requested_by=seller.identifier, terms=Terms(chain=quorum(1), mode=mode, sample_percent=100))


def _said(acme: Tenant) -> list[tuple[str, str]]:
    with tenant_context(acme):
        return list(Review.objects.values_list("reviewer_name", "outcome"))


def test_objection_is_made_from_the_page(acme: Tenant, seller: Actor, bob: User, client_for: ClientFor) -> None:
    request = _allowed(acme, seller, Mode.ON)
    client, url = client_for(bob, acme), f"/approvals/{request.public_id}/"
    page = client.get(url).content.decode()
    assert "On the loop." in page
    assert "you may object until" in page
    assert "you may object until" in client.get("/approvals/").content.decode()
    assert client.post(f"{url}object/", {"reason": "The price is wrong."}).status_code == 302
    assert _said(acme) == [("Bob Approver", "objection")]
    assert "Bob Approver objected" in client.get(url).content.decode()


@pytest.mark.parametrize(("person", "status"), [("sam", 403), ("vera", 403)])
def test_attack_objection_by_who_is_not_asked(
    acme: Tenant, seller: Actor, client_for: ClientFor, person: str, status: int
) -> None:
    request = _allowed(acme, seller, Mode.ON)
    client = client_for(User.objects.get(email=f"{person}@acme.example"), acme)
    assert client.post(f"/approvals/{request.public_id}/object/", {"reason": "No."}).status_code == status
    assert _said(acme) == []


def test_objection_without_a_reason_asks_for_it(acme: Tenant, seller: Actor, bob: User, client_for: ClientFor) -> None:
    request = _allowed(acme, seller, Mode.ON)
    response = client_for(bob, acme).post(f"/approvals/{request.public_id}/object/", {"reason": " "})
    assert response.status_code == 400
    assert _said(acme) == []


def test_get_never_objects(acme: Tenant, seller: Actor, bob: User, client_for: ClientFor) -> None:
    request = _allowed(acme, seller, Mode.ON)
    assert client_for(bob, acme).get(f"/approvals/{request.public_id}/object/?reason=No").status_code == 405
    assert _said(acme) == []


@pytest.mark.parametrize(
    ("given", "outcome"), [({"outcome": "fine"}, "fine"), ({"outcome": "finding", "reason": "Late."}, "finding")]
)
def test_review_is_given_from_the_page(
    acme: Tenant, seller: Actor, bob: User, client_for: ClientFor, given: dict[str, str], outcome: str
) -> None:
    request = _allowed(acme, seller, Mode.OVER)
    client, url = client_for(bob, acme), f"/approvals/{request.public_id}/"
    assert "Over the loop." in client.get(url).content.decode()
    assert client.post(f"{url}review/", given).status_code == 302
    assert _said(acme) == [("Bob Approver", outcome)]
