"""A decision with a second factor: what the page asks, and each way around it."""

import time
from collections.abc import Callable

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest, Sighting, Vote
from approvals.modes import SecondFactor
from approvals.services import policy_put
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.second_factor import code_check
from tests.factories.approvals import COMMIT, quorum, request_make

type ClientFor = Callable[[User | None, Tenant], Client]


def _ask(acme: Tenant, seller: Actor, factor: SecondFactor) -> ApprovalRequest:
    with tenant_context(acme):
        policy_put(action=COMMIT.key, terms=Terms(chain=quorum(1), second_factor=factor), actor="user:1")
        return request_make(requested_by=seller.identifier)


@pytest.fixture
def asked(acme: Tenant, seller: Actor) -> ApprovalRequest:
    """A request whose policy asks for any second factor."""
    return _ask(acme, seller, SecondFactor.ANY)


@pytest.fixture
def secret(acme: Tenant, bob: User) -> str:
    """Bob's authenticator app."""
    made = generate_totp_secret()
    with tenant_context(acme):
        TOTP.activate(bob, made)
    return made


def _code(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def _vote(client: Client, asked: ApprovalRequest, **more: str) -> tuple[int, str]:
    data = {"decision": "approve", "content_hash": asked.content_hash, **more}
    response = client.post(f"/approvals/{asked.public_id}/vote/", data)
    return response.status_code, response.content.decode()


def _votes(acme: Tenant) -> list[str]:
    with tenant_context(acme):
        return list(Vote.objects.values_list("second_factor", flat=True))


def _prove(client: Client, *, seconds_ago: float, **how: object) -> None:
    """Write into the session what allauth does after a proof; ``how`` is by the app unless said otherwise."""
    session = client.session
    proof = how or {"method": "mfa", "type": "totp"}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**proof, "at": time.time() - seconds_ago}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = session["_auth_user_id"]
    session.save()


def test_code_beside_the_decision_counts(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    page = client.get(f"/approvals/{asked.public_id}/").content.decode()
    assert page.count('name="code"') == 2
    assert _vote(client, asked, code=_code(secret))[0] == 302
    assert _votes(acme) == ["totp"]
    assert "with a second factor" in client.get(f"/approvals/{asked.public_id}/").content.decode()


def test_attack_vote_without_the_second_factor_is_refused(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    status, page = _vote(client_for(bob, acme), asked)
    assert status == 403
    assert "asks for a second factor" in page
    assert _votes(acme) == []


def test_attack_method_named_by_the_form_is_not_believed(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    assert _vote(client_for(bob, acme), asked, second_factor="webauthn", method="totp")[0] == 403
    assert _votes(acme) == []


def test_attack_wrong_codes_are_refused_then_paused(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    assert [_vote(client, asked, code="12345")[0] for _ in range(6)] == [400] * 5 + [429]
    assert _vote(client, asked, code=_code(secret))[0] == 429
    assert _votes(acme) == []


def test_proof_of_a_moment_ago_is_enough(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    with tenant_context(acme):
        _prove(client, seconds_ago=240)
    assert 'name="code"' not in client.get(f"/approvals/{asked.public_id}/").content.decode()
    assert _vote(client, asked)[0] == 302
    assert _votes(acme) == ["totp"]


def test_attack_proof_of_six_minutes_ago_is_too_old(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    with tenant_context(acme):
        _prove(client, seconds_ago=360)
    assert _vote(client, asked)[0] == 403
    assert _votes(acme) == []


def test_who_has_none_is_led_to_set_one_up(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    page = client_for(bob, acme).get(f"/approvals/{asked.public_id}/").content.decode()
    assert 'href="/accounts/2fa/"' in page
    assert 'value="approve"' not in page


def test_attack_code_where_a_passkey_is_asked_is_refused(
    acme: Tenant, seller: Actor, secret: str, bob: User, client_for: ClientFor
) -> None:
    asked = _ask(acme, seller, SecondFactor.WEBAUTHN)
    client = client_for(bob, acme)
    assert 'name="code"' not in client.get(f"/approvals/{asked.public_id}/").content.decode()
    assert _vote(client, asked, code=_code(secret))[0] == 403
    assert _votes(acme) == []


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"])
def test_set_up_pages_answer_in_our_look(bob: User, acme: Tenant, client_for: ClientFor, path: str) -> None:
    client = client_for(bob, acme)
    with tenant_context(acme):
        _prove(client, seconds_ago=1, method="password", reauthenticated=True)
    response = client.get(path)
    assert response.status_code == 200
    assert 'class="shell"' in response.content.decode()


def test_page_notes_who_was_shown_what(asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    for _ in range(2):
        client.get(f"/approvals/{asked.public_id}/")
    with tenant_context(acme):
        seen = list(Sighting.objects.values_list("subject", "content_hash", "viewer", "via"))
    assert seen == [(asked.subject, asked.content_hash, f"user:{bob.pk}", "approval")]


def _api_vote(client: Client, asked: ApprovalRequest, **more: str) -> tuple[int, dict[str, object]]:
    data = {"decision": "approve", "content_hash": asked.content_hash, **more}
    answer = client.post(f"/api/v1/approvals/{asked.public_id}/vote/", data, content_type="application/json")
    return answer.status_code, answer.json()


def test_api_takes_the_code_in_the_vote(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    status, body = _api_vote(client, asked, code=_code(secret))
    assert (status, body["state"], _votes(acme)) == (200, "approved", ["totp"])
    assert client.get(f"/api/v1/approvals/{asked.public_id}/").status_code == 200


def test_attack_api_vote_without_a_code_or_with_a_wrong_one_does_not_count(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(bob, acme)
    assert _api_vote(client, asked)[0] == 403
    assert [_api_vote(client, asked, code="000000")[0] for _attempt in range(6)] == [400, 400, 400, 400, 400, 429]
    assert _api_vote(client, asked, code=_code(secret))[0] == 429
    assert _votes(acme) == []


def test_attack_api_code_used_before_is_refused(
    asked: ApprovalRequest, secret: str, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    code = _code(secret)
    with tenant_context(acme):
        code_check(user=bob, code=code)
    status, body = _api_vote(client_for(bob, acme), asked, code=code)
    assert (status, _votes(acme)) == (400, [])
    assert "used already" in str(body)


def test_attack_api_code_is_not_enough_where_a_passkey_is_asked(
    acme: Tenant, seller: Actor, secret: str, bob: User, client_for: ClientFor
) -> None:
    asked = _ask(acme, seller, SecondFactor.WEBAUTHN)
    assert _api_vote(client_for(bob, acme), asked, code=_code(secret))[0] == 403
    client = client_for(bob, acme)
    with tenant_context(acme):
        _prove(client, seconds_ago=10, method="mfa", type="webauthn")
    assert _api_vote(client, asked)[0] == 200
    assert _votes(acme) == ["webauthn"]
