"""REST of policies, delegations, sightings, objections and proofs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from approvals.chains import Chain, Stage
from approvals.models import ApprovalPolicy, ApprovalRequest, Delegation
from approvals.modes import Mode
from approvals.services import approval_vote, sighting_record
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.approvals import COMMIT, in_order, publish_make, request_make

type ClientFor = Callable[[User | None, Tenant], Client]

CHAIN = {"stages": [{"title": "Any", "role": "approver"}]}
POLICY = f"/api/v1/approval-policies/{COMMIT.key}/"
DELEGATIONS = "/api/v1/delegations/"


def _send(client: Client, url: str, body: dict[str, Any] | list[Any], verb: str = "post") -> Any:
    return getattr(client, verb)(url, body, content_type="application/json")


def test_api_policy_is_set_read_and_kept_when_nothing_changes(
    alice: User, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    owner = client_for(alice, acme)
    body = {
        "chain": CHAIN,
        "reminders": [4, 8],
        "second_factor": "any",
        "rules": [{"title": "Outside", "tainted": True, "mode": "in"}],
    }
    assert _send(owner, POLICY, body, "put").json()["version"] == 1
    assert _send(owner, POLICY, body, "put").json()["version"] == 1
    assert _send(owner, POLICY, {**body, "reminders": [6]}, "put").json()["version"] == 2
    read = client_for(bob, acme).get(POLICY).json()
    assert (read["reminders"], read["rules"][0]["title"], read["updated_by"]) == ([6], "Outside", f"user:{alice.pk}")


def test_api_policy_refuses_what_is_none(alice: User, acme: Tenant, client_for: ClientFor) -> None:
    owner = client_for(alice, acme)
    wrong = _send(owner, POLICY, {"chain": {"stages": []}}, "put")
    assert (wrong.status_code, "chain.stages" in str(wrong.json())) == (400, True)
    assert _send(owner, "/api/v1/approval-policies/no.such/", {"chain": CHAIN}, "put").status_code == 404


def test_attack_api_policy_is_set_by_who_may_not(bob: User, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    for who in (bob, sam, None):
        assert _send(client_for(who, acme), POLICY, {"chain": CHAIN}, "put").status_code in {401, 403}
    with tenant_context(acme):
        assert not ApprovalPolicy.objects.exists()


def test_api_policy_is_tried_on_an_example_and_not_kept(alice: User, acme: Tenant, client_for: ClientFor) -> None:
    owner = client_for(alice, acme)
    small = {"title": "Small", "money_below": "1000", "currency": "USD", "mode": "over"}
    example = {"money": "500", "currency": "USD", "irreversible": False, "audience": "internal"}
    terms = {"chain": CHAIN, "rules": [small]}
    url = "/api/v1/approval-policies/try/"
    assert _send(owner, url, {"terms": terms, "risk": example}).json()["mode"] == "over"
    tainted = _send(owner, url, {"terms": terms, "risk": {**example, "tainted": True}}).json()
    assert (tainted["mode"], tainted["rule"]) == ("in", "Small")
    assert _send(owner, url, [terms]).status_code == 400
    assert owner.get("/api/v1/approval-policies/").json()["results"] == []


def test_api_delegation_is_given_and_withdrawn(bob: User, carol: User, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    body = {"taker": f"user:{carol.pk}", "ends_at": (timezone.now() + timedelta(days=3)).isoformat(), "reason": "Leave."}
    given = _send(client_for(bob, acme), DELEGATIONS, body)
    assert (given.status_code, given.json()["giver"]) == (201, f"user:{bob.pk}")
    assert [row["id"] for row in client_for(carol, acme).get(DELEGATIONS).json()["results"]] == [given.json()["id"]]
    assert client_for(sam, acme).get(DELEGATIONS).json()["results"] == []
    url = f"{DELEGATIONS}{given.json()['id']}/withdraw/"
    assert _send(client_for(carol, acme), url, {}).status_code == 403
    assert _send(client_for(bob, acme), url, {}).json()["withdrawn_by"] == f"user:{bob.pk}"
    with tenant_context(acme):
        assert Delegation.objects.get().withdrawn_at is not None


def test_attack_api_delegation_of_somebody_elses_votes(bob: User, carol: User, acme: Tenant, client_for: ClientFor) -> None:
    body = {"giver": f"user:{bob.pk}", "taker": f"user:{carol.pk}", "ends_at": (timezone.now() + timedelta(days=3)).isoformat()}
    assert _send(client_for(carol, acme), DELEGATIONS, body).status_code == 403


def test_api_object_and_queue(seller: Actor, bob: User, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    chain = Chain(stages=(Stage(title="Any", role=Role.APPROVER),))
    with tenant_context(acme):
        request = publish_make(requested_by=seller.identifier, terms=Terms(chain=chain, mode=Mode.ON))
    client = client_for(bob, acme)
    queue = "/api/v1/approvals/?reviewable=true"
    url = f"/api/v1/approvals/{request.public_id}/object/"
    assert len(client.get(queue).json()["results"]) == 1
    assert _send(client_for(sam, acme), url, {"reason": "No."}).status_code == 403
    assert _send(client, url, {"reason": ""}).status_code == 400
    answer = _send(client, url, {"reason": "The price is wrong."}).json()
    assert (answer["state"], answer["reviews"][0]["outcome"]) == ("void", "objection")
    assert client.get(queue).json()["results"] == []
    assert _send(client, url, {"reason": "Again."}).status_code == 409


def test_attack_api_second_factor_cannot_be_claimed(
    seller: Actor, vp: Actor, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    with tenant_context(acme):
        terms = Terms(chain=in_order(vp.identifier), second_factor="any")
        request = publish_make(requested_by=seller.identifier, terms=terms)
    body = {"decision": "approve", "content_hash": request.content_hash, "second_factor": "totp"}
    assert _send(client_for(bob, acme), f"/api/v1/approvals/{request.public_id}/vote/", body).status_code == 403
    with tenant_context(acme):
        assert ApprovalRequest.objects.get().state == "pending"


def test_api_record_tells_who_saw_and_who_voted(seller: Actor, vp: Actor, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    with tenant_context(acme):
        request = request_make(requested_by=seller.identifier, chain=in_order(vp.identifier))
        sighting_record(subject=request.subject, content_hash=request.content_hash, viewer=vp, via="approval")
        approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    client = client_for(bob, acme)
    one = client.get(f"/api/v1/approvals/{request.public_id}/record/").json()
    assert (one["requester"], one["problems"], one["votes"][0]["holds"]) == (seller.name, [], True)
    whole = client.get("/api/v1/approvals/records/?subject=case:1").json()
    assert (whole["requests"], whole["sightings"][0]["viewer_name"]) == ([one], vp.name)
    assert client.get("/api/v1/approvals/records/").status_code == 400
    assert len(client.get("/api/v1/sightings/?via=approval").json()["results"]) == 1
