from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditRecord
from kernel.capabilities.models import Revocation
from kernel.capabilities.services import CapabilityRefused, Limit, Right, attenuate, authorize, mint, revoke
from tenants.models import Tenant

READ = Right("evidence.read", "evidence:*")


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant) -> Tenant:
    return in_acme


def minted(**changes: Any) -> str:
    values = {"subject": "agent:target@1.0.0", "rights": [READ], "expires_at": timezone.now() + timedelta(hours=1)}
    return mint(**(values | {"minted_by": "user:1"} | changes))


def trail() -> list[tuple[str, str, str]]:
    return list(AuditRecord.objects.order_by("id").values_list("actor", "action", "subject"))


def test_promise_7_every_use_and_hand_over_is_audited() -> None:
    token = minted(process="p1")
    narrow = attenuate(token, holder="agent:integrity@1.0.0", rights=[Right("evidence.read", "evidence:1")], process="p1")
    authorize(narrow, action="evidence.read", resource="evidence:1", process="p1")
    with pytest.raises(CapabilityRefused):
        authorize(narrow, action="evidence.read", resource="evidence:2", process="p1")
    assert trail() == [
        ("user:1", "capability.minted", "agent:target@1.0.0"),
        ("agent:target@1.0.0", "capability.handed_over", "agent:integrity@1.0.0"),
        ("agent:target@1.0.0", "capability.used", "evidence:1"),
        ("agent:target@1.0.0", "capability.refused", "evidence:2"),
    ]
    assert set(AuditRecord.objects.values_list("process", flat=True)) == {"p1"}


def test_tokens_themselves_are_never_in_the_audit() -> None:
    token = minted()
    authorize(token, action="evidence.read", resource="evidence:1")
    assert all(token not in str(detail) for detail in AuditRecord.objects.values_list("detail", flat=True))


def test_authorize_names_the_subject() -> None:
    assert authorize(minted(), action="evidence.read", resource="evidence:9").subject == "agent:target@1.0.0"


def test_expired_token_is_refused() -> None:
    token = minted(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CapabilityRefused):
        authorize(token, action="evidence.read", resource="evidence:1")


def test_limits_are_held_against_the_amounts_used() -> None:
    token = minted(limits={Limit.CALLS: 2})
    authorize(token, action="evidence.read", resource="evidence:1", amounts={Limit.CALLS: 2})
    with pytest.raises(CapabilityRefused):
        authorize(token, action="evidence.read", resource="evidence:1", amounts={Limit.CALLS: 3})


def test_promise_7_a_revoked_token_takes_all_it_was_handed_on_as_with_it() -> None:
    token = minted()
    child, sibling = attenuate(token, holder="agent:a@1"), attenuate(token, holder="agent:b@1")
    grandchild = attenuate(child, holder="agent:c@1")
    revoke(child, reason="It leaked.", revoked_by="user:1")
    for dead in (child, grandchild):
        with pytest.raises(CapabilityRefused, match="revoked"):
            authorize(dead, action="evidence.read", resource="evidence:1")
    for alive in (token, sibling):
        assert authorize(alive, action="evidence.read", resource="evidence:1")


def test_a_revoked_token_cannot_be_handed_on() -> None:
    token = minted()
    revoke(token, reason="It leaked.", revoked_by="user:1")
    with pytest.raises(CapabilityRefused, match="revoked"):
        attenuate(token, holder="agent:a@1")


def test_revoking_twice_is_one_revocation() -> None:
    token = minted()
    revoke(token, reason="It leaked.", revoked_by="user:1")
    revoke(token, reason="Again.", revoked_by="user:1")
    assert [r.reason for r in Revocation.objects.all()] == ["It leaked."]


def test_promise_6_a_token_of_one_tenant_is_worth_nothing_in_another(globex: Tenant) -> None:
    token = minted()
    with tenant_context(globex), pytest.raises(CapabilityRefused):
        authorize(token, action="evidence.read", resource="evidence:1")


def test_forged_token_is_refused_and_the_attempt_is_audited() -> None:
    with pytest.raises(CapabilityRefused, match="not a token of this installation"):
        authorize("forged", action="evidence.read", resource="evidence:1")
    assert trail() == [("unknown", "capability.refused", "evidence:1")]
