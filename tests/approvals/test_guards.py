"""What the database itself refuses, even to raw statements under the tenant's own role."""

import itertools
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from approvals.models import ApprovalRequest, Vote
from approvals.services import approval_vote
from approvals.states import TRANSITIONS, State
from tenants.actors import Actor
from tests.factories.approvals import in_order, request_make

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def asked(seller: Actor, vp: Actor, finance: Actor) -> ApprovalRequest:
    """Sam asks Bob, then Carol."""
    return request_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))


def _cast(request: ApprovalRequest, **changed: Any) -> Vote:
    values = {
        "stage": 0, "voter": "user:77", "voter_name": "X", "voter_role": "approver", "decision": "approve",
        "content_hash": request.content_hash, "key_id": "k", "signature": "s", **changed,
    }  # fmt: skip
    with transaction.atomic():
        return Vote.objects.create(request=request, **values)


@pytest.mark.parametrize(
    "column", ["content_hash", "arguments_hash", "action", "subject", "requested_by", "summary", "chain", "expires_at"]
)
def test_attack_editing_what_was_asked_is_refused(asked: ApprovalRequest, column: str) -> None:
    value: Any = {"title": "Another"} if column in {"summary", "chain"} else "user:1"
    value = timezone.now() if column == "expires_at" else value
    with pytest.raises(IntegrityError, match="cannot be edited"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=asked.pk).update(**{column: value})


def test_attack_deleting_a_request_is_refused(asked: ApprovalRequest) -> None:
    with pytest.raises(IntegrityError, match="are kept"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM approvals_approvalrequest")
    assert ApprovalRequest.objects.filter(pk=asked.pk).exists()


def test_attack_changing_or_deleting_a_vote_is_refused(asked: ApprovalRequest, vp: Actor) -> None:
    approval_vote(request=asked, voter=vp, decision="approve", content_hash=asked.content_hash)
    for statement in ("UPDATE approvals_vote SET decision = 'reject', reason = 'x'", "DELETE FROM approvals_vote"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Vote.objects.get().decision == "approve"


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"stage": 1}, "not asking for votes in this stage"),
        ({"content_hash": "sha256:" + "0" * 64}, "other content"),
        ({"decision": "reject"}, "vote_rejection_has_reason"),
        ({"decision": "maybe"}, "vote_decision_known"),
    ],
)
def test_attack_vote_by_raw_insert_is_refused(asked: ApprovalRequest, changed: dict[str, Any], match: str) -> None:
    with pytest.raises(IntegrityError, match=match):
        _cast(asked, **changed)
    assert not Vote.objects.exists()


def test_attack_own_vote_by_raw_insert_is_refused(asked: ApprovalRequest, seller: Actor) -> None:
    with pytest.raises(IntegrityError, match="own request"):
        _cast(asked, voter=seller.identifier)


def test_attack_vote_twice_by_raw_insert_is_refused(asked: ApprovalRequest) -> None:
    _cast(asked)
    with pytest.raises(IntegrityError, match="vote_once"):
        _cast(asked)


def test_attack_late_vote_by_raw_insert_is_refused(asked: ApprovalRequest, vp: Actor) -> None:
    approval_vote(request=asked, voter=vp, decision="reject", reason="No.", content_hash=asked.content_hash)
    with pytest.raises(IntegrityError, match="not asking"):
        _cast(asked)


def test_guard_holds_the_same_transition_table_as_the_code(seller: Actor) -> None:
    pairs = itertools.permutations(State, 2)
    for number, (current, to) in enumerate(pairs):
        request = request_make(requested_by=seller.identifier, subject=f"case:{number}")
        row = ApprovalRequest.objects.filter(pk=request.pk)
        _cast(request)
        if current != State.PENDING and not _moves(row, current):
            pytest.fail(f"{current} cannot be reached")
        assert _moves(row, to) == (to in TRANSITIONS[current]), (current, to)


def _moves(row: Any, to: State) -> bool:
    decided_at = None if to == State.PENDING else timezone.now()
    try:
        with transaction.atomic():
            row.update(state=to, decided_at=decided_at)
    except IntegrityError:
        return False
    return True


def _voted(request: ApprovalRequest) -> ApprovalRequest:
    """With a vote in each of its two stages."""
    _cast(request)
    ApprovalRequest.objects.filter(pk=request.pk).update(stage=1)
    _cast(request, stage=1, voter="user:78")
    return request


def test_guard_used_approval_is_history(asked: ApprovalRequest) -> None:
    row = ApprovalRequest.objects.filter(pk=_voted(asked).pk)
    row.update(state="approved", decided_at=timezone.now())
    row.update(applied_at=timezone.now())
    with pytest.raises(IntegrityError, match="is history"), transaction.atomic():
        row.update(applied_at=None)


def test_guard_decision_and_time_go_together(asked: ApprovalRequest) -> None:
    with pytest.raises(IntegrityError, match="approval_decided_at_with_decision"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=asked.pk).update(state="rejected")


def test_guard_only_an_approved_request_is_applied(asked: ApprovalRequest) -> None:
    with pytest.raises(IntegrityError, match="approval_applied_if_approved"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=asked.pk).update(applied_at=timezone.now())
