"""Using an approval: once, and for exactly what was approved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from approvals.models import ApprovalRequest
from approvals.services import ApprovalUnusable, approval_use, approval_vote
from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tests.factories.approvals import CONTENT, in_order, request_make

pytestmark = pytest.mark.usefixtures("in_acme")

type Snapshot = Callable[[], tuple[Any, ...]]


@pytest.fixture
def approved(seller: Actor, vp: Actor) -> ApprovalRequest:
    """An approval for a discount of 5."""
    request = request_make(requested_by=seller.identifier, chain=in_order(vp.identifier), arguments={"discount": 5})
    return approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)


def _refused(match: str, request: ApprovalRequest, arguments: dict[str, Any], snapshot: Snapshot) -> None:
    before = snapshot()
    with pytest.raises(ApprovalUnusable, match=match), transaction.atomic():
        approval_use(request=request, actor="system", arguments=arguments)
    assert snapshot() == before


def test_approval_use_marks_it_used(approved: ApprovalRequest) -> None:
    with transaction.atomic():
        used = approval_use(request=approved, actor="system", arguments={"discount": 5})
    assert used.applied_at is not None
    assert AuditRecord.objects.get(action="approval.used").subject == approved.reference


def test_attack_replayed_approval_is_good_for_one_deed(approved: ApprovalRequest, snapshot: Snapshot) -> None:
    with transaction.atomic():
        approval_use(request=approved, actor="system", arguments={"discount": 5})
    _refused("used already", approved, {"discount": 5}, snapshot)


def test_attack_other_arguments_than_approved_are_refused(approved: ApprovalRequest, snapshot: Snapshot) -> None:
    _refused("other arguments", approved, {"discount": 50}, snapshot)


def test_promise_8_case_changed_after_approval_cannot_be_applied(approved: ApprovalRequest, snapshot: Snapshot) -> None:
    CONTENT["case:1"] = "version 1 with a comma,"
    _refused("content changed", approved, {"discount": 5}, snapshot)


def test_attack_pending_request_cannot_be_applied(seller: Actor, snapshot: Snapshot) -> None:
    request = request_make(requested_by=seller.identifier)
    _refused("pending, not approved", request, {}, snapshot)
