"""Policies."""

from collections.abc import Callable
from typing import Any

import pytest

from approvals.actions import UnknownAction
from approvals.chains import Chain, Stage
from approvals.models import ApprovalPolicy
from approvals.services import policy_default_for, policy_set
from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tests.factories.approvals import quorum

pytestmark = pytest.mark.usefixtures("in_acme")


def test_policy_set_counts_versions_and_audits() -> None:
    policy_set(action="test.commit", chain=quorum(1), actor="user:1")
    policy = policy_set(action="test.commit", chain=quorum(2), actor="user:1", valid_for_hours=8)
    assert (policy.version, policy.asked, policy.valid_for_hours) == (2, quorum(2), 8)
    record = AuditRecord.objects.get(action="approval.policy_set", detail__version=2)
    assert record.subject == "approval_policy:test.commit"


def test_policy_set_to_the_same_changes_nothing(snapshot: Callable[[], tuple[Any, ...]]) -> None:
    policy_set(action="test.commit", chain=quorum(1), actor="user:1")
    before = snapshot()
    assert policy_set(action="test.commit", chain=quorum(1), actor="user:2").version == 1
    assert snapshot() == before


def test_policy_set_refuses_an_unknown_action() -> None:
    with pytest.raises(UnknownAction):
        policy_set(action="test.nothing", chain=quorum(1), actor="user:1")
    assert not ApprovalPolicy.objects.exists()


def test_policy_default_for_asks_customer_success_then_finance(vp: Actor, finance: Actor) -> None:
    policy = policy_default_for(action="test.commit", actor="system")
    assert policy.asked == Chain(
        stages=(
            Stage(title="Vice President of Customer Success", users=(vp.identifier,)),
            Stage(title="Finance", users=(finance.identifier,)),
        ),
        four_eyes=True,
    )
