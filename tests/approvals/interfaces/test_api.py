"""REST of approvals."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest, Vote
from approvals.states import State
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.approvals import CONTENT, in_order, quorum, request_make

type ClientFor = Callable[[User | None, Tenant], Client]

ROOT = "/api/v1/approvals/"


@pytest.fixture
def asked(acme: Tenant, seller: Actor, vp: Actor, finance: Actor) -> ApprovalRequest:
    """Sam asks Bob, then Carol."""
    with tenant_context(acme):
        return request_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))


def _vote(client: Client, request: ApprovalRequest, **body: str) -> Any:
    body = {"decision": "approve", "content_hash": request.content_hash, **body}
    return client.post(f"{ROOT}{request.public_id}/vote/", body, content_type="application/json")


def _now(request: ApprovalRequest, tenant: Tenant) -> tuple[str, int]:
    with tenant_context(tenant):
        return ApprovalRequest.objects.get(pk=request.pk).state, Vote.objects.count()


def test_api_list_and_retrieve(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    rows = client.get(ROOT).json()["results"]
    assert [row["id"] for row in rows] == [str(asked.public_id)]
    one = client.get(f"{ROOT}{asked.public_id}/").json()
    assert one == rows[0]
    assert (one["state"], one["content_hash"], one["votes"]) == ("pending", asked.content_hash, [])
    assert one["summary"]["figures"][0]["value"] == "10,041,989"
    [seen] = client.get(f"/api/v1/sightings/?subject={asked.subject}").json()["results"]
    assert (seen["viewer_name"], seen["via"], seen["content_hash"]) == ("Bob Approver", "api", asked.content_hash)


def test_api_list_filters(asked: ApprovalRequest, bob: User, carol: User, acme: Tenant, client_for: ClientFor) -> None:
    def count(user: User, query: str) -> int:
        return len(client_for(user, acme).get(f"{ROOT}?{query}").json()["results"])

    assert count(bob, "waiting_for_me=true") == 1
    assert count(carol, "waiting_for_me=true") == 0
    assert count(carol, "waiting_for_me=false") == 1
    assert count(bob, "state=pending&subject=case:1") == 1
    assert count(bob, "state=approved") == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_api_list_pages(rows: int, bob: User, acme: Tenant, seller: Actor, client_for: ClientFor) -> None:
    with tenant_context(acme):
        for number in range(rows):
            request_make(requested_by=seller.identifier, subject=f"case:{number}", chain=quorum(1))
    page = client_for(bob, acme).get(f"{ROOT}?page_size=2").json()
    assert [row["subject"] for row in page["results"]] == [f"case:{n}" for n in reversed(range(rows))][:2]
    assert (page["next"] is not None) == (rows > 2)


def test_api_vote_counts(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    response = _vote(client_for(bob, acme), asked)
    assert response.status_code == 200
    body = response.json()
    assert (body["state"], body["stage"], body["votes"][0]["voter_name"]) == ("pending", 1, "Bob Approver")
    assert _now(asked, acme) == (State.PENDING, 1)


def test_api_vote_reject_needs_a_reason(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    refused = _vote(client, asked, decision="reject")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert "reason" in refused.json()["errors"]
    assert _vote(client, asked, decision="reject", reason="No.").json()["state"] == "rejected"


def test_attack_api_replayed_vote_is_409(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    _vote(client, asked)
    refused = _vote(client, asked)
    assert (refused.status_code, refused.json()["status"]) == (409, 409)
    assert "cannot be given twice" in refused.json()["detail"]
    assert _now(asked, acme) == (State.PENDING, 1)


def test_attack_api_forged_hash_is_409(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    assert _vote(client_for(bob, acme), asked, content_hash="sha256:0").status_code == 409
    assert _now(asked, acme) == (State.PENDING, 0)


def test_promise_8_api_vote_on_a_changed_case_voids_it(
    asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    CONTENT["case:1"] = "version 2"
    refused = _vote(client_for(bob, acme), asked)
    assert refused.status_code == 409
    assert "void" in refused.json()["detail"]
    assert _now(asked, acme) == (State.VOID, 0)


def test_attack_api_vote_by_who_may_not_is_403(
    asked: ApprovalRequest, sam: User, alice: User, acme: Tenant, client_for: ClientFor
) -> None:
    assert _vote(client_for(sam, acme), asked).status_code == 403
    refused = _vote(client_for(alice, acme), asked)
    assert (refused.status_code, refused.json()["detail"]) == (403, "You are not among those who are asked to decide this.")
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_api_other_tenant_and_anonymous_find_nothing(
    asked: ApprovalRequest, charlie: User, acme: Tenant, globex: Tenant, client_for: ClientFor
) -> None:
    assert client_for(charlie, globex).get(f"{ROOT}{asked.public_id}/").status_code == 404
    assert _vote(client_for(charlie, globex), asked).status_code == 404
    assert client_for(charlie, globex).get(ROOT).json()["results"] == []
    assert client_for(None, acme).get(ROOT).status_code in {401, 403}
    assert _vote(client_for(None, acme), asked).status_code in {401, 403}
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_api_get_on_vote_is_405(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    assert client_for(bob, acme).get(f"{ROOT}{asked.public_id}/vote/").status_code == 405
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_api_cannot_write_requests(asked: ApprovalRequest, alice: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(alice, acme)
    for method in (client.put, client.patch, client.delete):
        assert method(f"{ROOT}{asked.public_id}/", {"state": "approved"}, content_type="application/json").status_code == 405
    assert client.post(ROOT, {}, content_type="application/json").status_code == 405
    assert client.get(f"{ROOT}{uuid.uuid4()}/").status_code == 404
    assert _now(asked, acme) == (State.PENDING, 0)
