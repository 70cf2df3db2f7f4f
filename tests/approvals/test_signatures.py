"""Votes are signed over everything they bind: a changed byte, a forged row or another key is found."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import schema_context

from approvals.models import ApprovalRequest, Vote
from approvals.selectors import decision_record, verification_of
from approvals.services import ApprovalUnusable, SecondFactorNeeded, approval_use, approval_vote, sighting_record
from approvals.signatures import vote_holds
from approvals.terms import Terms
from tenants.actors import Actor
from tests.factories.approvals import in_order, publish_make

pytestmark = pytest.mark.usefixtures("in_acme")
HASH = "sha256:" + "0" * 64


@pytest.fixture
def approved(seller: Actor, vp: Actor) -> ApprovalRequest:
    """Approved by Bob, and not applied yet."""
    request = publish_make(
        requested_by=seller.identifier,
        chain=in_order(vp.identifier),
        arguments={"page": "prices"},
        capabilities=[{"right": "page.write", "on": "prices"}],
    )
    return approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)


def _tamper(table: str, column: str, value: str) -> None:
    """As who owns the database and gets past its guards."""
    with schema_context("public"), connection.cursor() as cursor:
        # What is deferred is checked first: a table with checks to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE acme.approvals_{table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE acme.approvals_{table} SET {column} = %s", [value])
        cursor.execute(f"ALTER TABLE acme.approvals_{table} ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("approvalrequest", "content_hash", HASH),
        ("approvalrequest", "arguments", '{"page": "home"}'),
        ("approvalrequest", "arguments_hash", HASH),
        ("approvalrequest", "capabilities", "[]"),
        ("approvalrequest", "policy", '{"terms": {}}'),
        ("approvalrequest", "chain", '{"stages": []}'),
        ("approvalrequest", "summary", '{"title": "Another"}'),
        ("approvalrequest", "subject", "page:2"),
        ("approvalrequest", "requested_by", "user:0"),
        ("vote", "voter", "user:0"),
        ("vote", "voter_role", "owner"),
        ("vote", "reason", "Because."),
        ("vote", "on_behalf_of", "user:9"),
        ("vote", "second_factor", "totp"),
        ("vote", "voted_at", "2020-01-01"),
        ("vote", "stage", "1"),
        ("vote", "signature", "AAAA"),
        ("vote", "key_id", "0000000000000000"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_attack_changed_byte_voids_the_signature(approved: ApprovalRequest, table: str, column: str, value: str) -> None:
    vote = approved.votes.get()
    assert vote_holds(approved, vote)
    _tamper(table, column, value)
    changed = ApprovalRequest.objects.get(pk=approved.pk)
    assert not vote_holds(changed, changed.votes.get())


def test_attack_forged_vote_approves_nothing(seller: Actor, vp: Actor) -> None:
    request = publish_make(requested_by=seller.identifier, chain=in_order(vp.identifier))
    Vote.objects.create(
        request=request, stage=0, voter=vp.identifier, voter_name="Bob", voter_role="approver", decision="approve",
        content_hash=request.content_hash, key_id="0" * 16, signature="AAAA",
    )  # fmt: skip
    ApprovalRequest.objects.filter(pk=request.pk).update(state="approved", decided_at=request.requested_at)
    with pytest.raises(ApprovalUnusable, match="signature"):
        approval_use(request=request, actor="system")


def test_attack_vote_of_another_request_is_replayed(seller: Actor, vp: Actor, approved: ApprovalRequest) -> None:
    other = publish_make(requested_by=seller.identifier, subject="page:2", chain=in_order(vp.identifier))
    vote = approved.votes.get()
    vote.pk, vote.request, vote.content_hash = None, other, other.content_hash
    assert not vote_holds(other, vote)


def test_signature_of_another_key_does_not_hold(approved: ApprovalRequest, settings: Any) -> None:
    settings.VOS_STAMP_KEY = "11" * 32
    assert not vote_holds(approved, approved.votes.get())


@pytest.mark.parametrize(
    "given",
    [{"arguments": {"page": "home"}}, {"capabilities": [{"right": "page.write", "on": "home"}]}, {"capabilities": []}],
    ids=["arguments", "capabilities", "no capabilities"],
)
def test_approval_is_good_for_its_arguments_and_rights_only(approved: ApprovalRequest, given: dict[str, Any]) -> None:
    right = {"arguments": approved.arguments, "capabilities": approved.capabilities}
    with pytest.raises(ApprovalUnusable, match="other"):
        approval_use(request=approved, actor="system", **{**right, **given})
    assert approval_use(request=approved, actor="system", **right).applied_at is not None


def test_verification_finds_nothing_in_what_was_done_properly(approved: ApprovalRequest) -> None:
    row = ApprovalRequest.objects.get(pk=approved.pk)
    assert verification_of(row, list(row.votes.all()), []) == []


def test_verify_command_tells_what_does_not_hold(approved: ApprovalRequest) -> None:
    out = StringIO()
    call_command("approvals", "verify", schema="acme", stdout=out)
    assert "1 requests with 1 votes; all hold" in out.getvalue()
    _tamper("vote", "reason", "I was forced.")
    with pytest.raises(CommandError, match="acme"):
        call_command("approvals", "verify", schema="acme", stdout=out)
    assert "The signature of Bob" in out.getvalue()


def test_second_factor_is_asked_where_the_policy_says_so(
    seller: Actor, vp: Actor, snapshot: Callable[[], tuple[Any, ...]]
) -> None:
    terms = Terms(chain=in_order(vp.identifier), second_factor="webauthn")
    request = publish_make(requested_by=seller.identifier, terms=terms)
    before = snapshot()
    for factor in ("", "totp", "made up"):
        with pytest.raises(SecondFactorNeeded):
            approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash, second_factor=factor)
    assert snapshot() == before
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash, second_factor="webauthn")
    assert Vote.objects.get().second_factor == "webauthn"


def test_decision_record_tells_who_saw_who_voted_under_which_policy(approved: ApprovalRequest, seller: Actor, vp: Actor) -> None:
    assert sighting_record(subject=approved.subject, content_hash=approved.content_hash, viewer=vp, via="approval") is not None
    assert sighting_record(subject=approved.subject, content_hash=approved.content_hash, viewer=vp, via="approval") is None
    sighting_record(subject=approved.subject, content_hash=HASH, viewer="link:7", viewer_name="A customer", via="shared_link")
    record = decision_record(vp, subject=approved.subject)
    only = record.requests[0]
    assert (len(record.requests), only.requester, only.problems) == (1, seller.name, ())
    assert [(one.vote.voter, one.holds) for one in only.votes] == [(vp.identifier, True)]
    assert "No rule of the policy matches" in only.policy["why"]
    assert [(one.viewer_name, one.via, one.content_hash == HASH) for one in record.sightings] == [
        (vp.name, "approval", False),
        ("A customer", "shared_link", True),
    ]


def test_decision_record_shows_an_outsider_nothing(approved: ApprovalRequest, outsider: Actor) -> None:
    record = decision_record(Actor(outsider.identifier, None), subject=approved.subject)
    assert (record.requests, record.sightings) == ((), ())
