"""The approver's pages."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context
from pydantic import ValidationError

from approvals.models import ApprovalRequest, Vote
from approvals.states import State
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.services import member_remove
from tests.factories.approvals import CONTENT, in_order, quorum, request_make

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture
def asked(acme: Tenant, seller: Actor, vp: Actor, finance: Actor) -> ApprovalRequest:
    """Sam asks Bob, then Carol."""
    with tenant_context(acme):
        return request_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))


def _url(request: ApprovalRequest, end: str = "") -> str:
    return f"/approvals/{request.public_id}/{end}"


def _now(request: ApprovalRequest, tenant: Tenant) -> tuple[str, int]:
    with tenant_context(tenant):
        return ApprovalRequest.objects.get(pk=request.pk).state, Vote.objects.count()


def _approve(request: ApprovalRequest, **changed: str) -> dict[str, str]:
    return {"decision": "approve", "content_hash": request.content_hash, **changed}


def test_inbox_lists_what_waits(asked: ApprovalRequest, bob: User, carol: User, acme: Tenant, client_for: ClientFor) -> None:
    page = client_for(bob, acme).get("/approvals/").content.decode()
    assert "1 approval waits for you" in page
    assert _url(asked) in page
    assert "10,041,989" in page
    assert "1 warning<" in page
    assert "Nothing waits for you" in client_for(carol, acme).get("/approvals/").content.decode()


def test_inbox_asks_the_same_number_of_queries(acme: Tenant, bob: User, seller: Actor, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    counts = []
    for number in range(3):
        with tenant_context(acme):
            request_make(requested_by=seller.identifier, subject=f"case:{number}", chain=quorum(1))
        with CaptureQueriesContext(connection) as captured:
            client.get("/approvals/")
        counts.append(len(captured))
    assert counts[0] == counts[2]


def test_inbox_sends_anonymous_people_to_log_in(acme: Tenant, client_for: ClientFor) -> None:
    response = client_for(None, acme).get("/approvals/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_detail_shows_what_is_asked(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    page = client_for(bob, acme).get(_url(asked)).content.decode()
    for text in (
        "Sam Seller", "Commit case:1", "10,041,989", "present value", "736", "Payback", "Two people own the plan",
        "Principle 6 asks for one.", "Carol Finance", asked.content_hash, "This is the first version",
    ):  # fmt: skip
        assert text in page
    assert page.count('name="csrfmiddlewaretoken"') >= 2
    assert 'href="/cases/1/#pv"' in page


def test_detail_shows_what_changed(acme: Tenant, bob: User, seller: Actor, vp: Actor, client_for: ClientFor) -> None:
    with tenant_context(acme):
        request_make(requested_by=seller.identifier, text="version 1", chain=in_order(vp.identifier))
        second = request_make(requested_by=seller.identifier, text="version 2", chain=in_order(vp.identifier))
    page = client_for(bob, acme).get(_url(second)).content.decode()
    assert '<s class="was">version 1</s>' in page


def test_detail_has_no_buttons_for_who_is_not_asked_now(
    asked: ApprovalRequest, carol: User, acme: Tenant, client_for: ClientFor
) -> None:
    page = client_for(carol, acme).get(_url(asked)).content.decode()
    assert "It is not your turn yet" in page
    assert _url(asked, "vote/") not in page


def test_detail_escapes_what_came_from_outside(acme: Tenant, bob: User, seller: Actor, vp: Actor, client_for: ClientFor) -> None:
    with tenant_context(acme):
        evil = request_make(
            requested_by=seller.identifier,
            chain=in_order(vp.identifier),
            summary={"title": "<script>approve()</script>", "figures": [{"label": "<b>x", "value": '"><img src=x>'}]},
        )
    page = client_for(bob, acme).get(_url(evil)).content.decode()
    assert "<script>approve()" not in page
    assert "<img src=x>" not in page


def test_vote_approves_and_shows_who_is_next(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    response = client.post(_url(asked, "vote/"), _approve(asked), follow=True)
    assert response.redirect_chain == [(_url(asked), 302)]
    page = response.content.decode()
    assert "Your vote is counted" in page
    assert _url(asked, "vote/") not in page
    assert _now(asked, acme) == (State.PENDING, 1)


def test_vote_of_both_approves(asked: ApprovalRequest, bob: User, carol: User, acme: Tenant, client_for: ClientFor) -> None:
    client_for(bob, acme).post(_url(asked, "vote/"), _approve(asked))
    page = client_for(carol, acme).post(_url(asked, "vote/"), _approve(asked), follow=True).content.decode()
    assert "Everybody who was asked has approved it." in page
    assert _now(asked, acme) == (State.APPROVED, 2)


def test_vote_rejects_with_a_reason(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    form = _approve(asked, decision="reject", reason="No owner at the customer.")
    page = client_for(bob, acme).post(_url(asked, "vote/"), form, follow=True).content.decode()
    assert "No owner at the customer." in page
    assert _now(asked, acme) == (State.REJECTED, 1)


def test_vote_reject_without_reason_asks_for_it(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    response = client_for(bob, acme).post(_url(asked, "vote/"), _approve(asked, decision="reject", reason=" "))
    assert response.status_code == 400
    assert "Say why you reject it" in response.content.decode()
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_get_that_approves_is_refused(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    for url in (_url(asked, "vote/"), _url(asked)):
        response = client.get(url, _approve(asked))
        assert response.status_code == (405 if url.endswith("vote/") else 200)
    assert client.head(_url(asked, "vote/"), _approve(asked)).status_code == 405
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_vote_without_csrf_token_is_refused(asked: ApprovalRequest, bob: User, acme: Tenant) -> None:
    client = Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=True)
    with tenant_context(acme):
        client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(_url(asked, "vote/"), _approve(asked)).status_code == 403
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_replayed_form_is_refused(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    client.post(_url(asked, "vote/"), _approve(asked))
    response = client.post(_url(asked, "vote/"), _approve(asked))
    assert response.status_code == 409
    assert "cannot be given twice" in response.content.decode()
    assert _now(asked, acme) == (State.PENDING, 1)


def test_promise_8_vote_on_a_changed_case_shows_that_it_is_void(
    asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    CONTENT["case:1"] = "version 2"
    response = client_for(bob, acme).post(_url(asked, "vote/"), _approve(asked))
    assert response.status_code == 409
    page = response.content.decode()
    assert "This vote did not count" in page
    assert _url(asked, "vote/") not in page
    assert _now(asked, acme) == (State.VOID, 0)


def test_attack_forged_hash_in_the_form_is_refused(
    asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    assert client.post(_url(asked, "vote/"), _approve(asked, content_hash="sha256:0")).status_code == 409
    assert client.post(_url(asked, "vote/"), {"decision": "approve"}).status_code == 409
    assert client.post(_url(asked, "vote/"), _approve(asked, decision="maybe")).status_code == 400
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_requesters_form_is_refused(asked: ApprovalRequest, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    assert client_for(sam, acme).post(_url(asked, "vote/"), _approve(asked)).status_code == 403
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_another_tenants_owner_finds_nothing(
    asked: ApprovalRequest, charlie: User, acme: Tenant, globex: Tenant, client_for: ClientFor
) -> None:
    client = client_for(charlie, globex)
    assert client.get(_url(asked)).status_code == 404
    assert client.post(_url(asked, "vote/"), _approve(asked)).status_code == 404
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_removed_member_with_a_live_session_is_sent_to_log_in(
    asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    member_remove(tenant=acme, user=bob, actor="operator:1")
    response = client.post(_url(asked, "vote/"), _approve(asked))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert _now(asked, acme) == (State.PENDING, 0)


def test_attack_role_without_sight_is_refused(asked: ApprovalRequest, acme: Tenant, client_for: ClientFor) -> None:
    vera = User.objects.get(email="vera@acme.example")
    assert client_for(vera, acme).get(_url(asked)).status_code == 403
    assert client_for(vera, acme).get("/approvals/").status_code == 403


def test_detail_of_nothing_is_404(bob: User, acme: Tenant, client_for: ClientFor) -> None:
    assert client_for(bob, acme).get(f"/approvals/{uuid.uuid4()}/").status_code == 404
    assert client_for(bob, acme).post(f"/approvals/{uuid.uuid4()}/vote/").status_code == 404


def test_attack_link_out_of_the_workspace_is_refused_in_a_summary(acme: Tenant, seller: Actor, vp: Actor) -> None:
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        with tenant_context(acme), pytest.raises(ValidationError):
            request_make(requested_by=seller.identifier, chain=in_order(vp.identifier), summary={"title": "Case", "href": evil})
