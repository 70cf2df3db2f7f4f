"""The inbox, and one request as an approver needs it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context

from approvals import selectors
from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest, Asked
from approvals.services import approval_vote, delegation_give
from approvals.states import State
from approvals.summaries import Change
from approvals.turns import Refusal, Voice
from tenants.actors import NOBODY, Actor
from tenants.models import Tenant
from tenants.roles import Role
from tests.factories.approvals import COMMIT, in_order, quorum, request_make

pytestmark = pytest.mark.usefixtures("in_acme")


def _open(seller: Actor, number: int, chain: Chain) -> ApprovalRequest:
    return request_make(requested_by=seller.identifier, subject=f"case:{number}", chain=chain)


def _refused(request: ApprovalRequest, actor: Actor) -> Refusal | None:
    if request.state != State.PENDING:
        return Refusal.CLOSED
    return selectors.voice_on(request, request.votes.all(), [Voice(actor.identifier, actor.role)])[1]


def _subjects(actor: Actor) -> list[str]:
    return [entry.request.subject for entry in selectors.front_page(actor).inbox.entries]


def test_inbox_follows_the_turn(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = _open(seller, 1, in_order(vp.identifier, finance.identifier))
    assert (_subjects(vp), _subjects(finance)) == (["case:1"], [])
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    assert (_subjects(vp), _subjects(finance)) == ([], ["case:1"])
    assert selectors.front_page(finance).inbox.entries[0].requester == "Sam Seller"


def test_inbox_by_role_leaves_out_own_requests_and_given_votes(seller: Actor, vp: Actor, finance: Actor) -> None:
    own = request_make(requested_by=vp.identifier, subject="case:1", chain=quorum(1))
    voted = _open(seller, 2, quorum(2))
    approval_vote(request=voted, voter=vp, decision="approve", content_hash=voted.content_hash)
    assert _subjects(vp) == []
    assert _subjects(finance) == [own.subject, voted.subject]


def test_inbox_four_eyes_hides_later_stages_from_who_voted(seller: Actor, vp: Actor, finance: Actor) -> None:
    stage = Stage(title="Any", role=Role.APPROVER)
    request = _open(seller, 1, Chain(stages=(stage, stage), four_eyes=True))
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    assert (_subjects(vp), _subjects(finance)) == ([], ["case:1"])


def test_inbox_without_four_eyes_asks_the_same_person_again(seller: Actor, vp: Actor) -> None:
    stage = Stage(title="Any", role=Role.APPROVER)
    request = _open(seller, 1, Chain(stages=(stage, stage), four_eyes=False))
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    assert _subjects(vp) == ["case:1"]


def test_inbox_agrees_with_the_pure_rules(seller: Actor, vp: Actor, finance: Actor, owner: Actor) -> None:
    stage = Stage(title="Any", role=Role.APPROVER)
    chains = [quorum(2), in_order(finance.identifier, vp.identifier), Chain(stages=(stage, stage)), in_order(owner.identifier)]
    for number, chain in enumerate(chains):
        request = _open(seller, number, chain)
        if number % 2 == 0:
            approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    for actor in (seller, vp, finance, owner):
        by_rule = [request.subject for request in ApprovalRequest.objects.order_by("pk") if _refused(request, actor) is None]
        assert _subjects(actor) == by_rule
        assert [request.subject for request in selectors.waiting_for(actor).order_by("pk")] == by_rule
        assert selectors.inbox_count(actor) == len(by_rule)


def test_inbox_of_who_speaks_for_others_agrees_with_what_waits_for_them(
    seller: Actor, vp: Actor, finance: Actor, owner: Actor
) -> None:
    """Its query is written once for each kind of speaker: another person of the kind, and other actions, are not mistaken."""
    for number, asked in enumerate([vp, finance, owner, vp]):
        _open(seller, number, in_order(asked.identifier))
    given: list[tuple[Actor, Actor, list[str]]] = [
        (vp, owner, []),
        (finance, owner, ["tool.call", COMMIT.key]),
        (owner, finance, [COMMIT.key]),
        (finance, vp, ["tool.call"]),
    ]
    for giver, taker, actions in given:
        ends_at = timezone.now() + timedelta(days=7)
        delegation_give(
            giver=giver.identifier, taker=taker.identifier, by=giver, ends_at=ends_at, reason="Leave.", actions=actions
        )
    assert _subjects(owner) == ["case:0", "case:1", "case:2", "case:3"]
    assert (_subjects(vp), _subjects(finance)) == (["case:0", "case:3"], ["case:1", "case:2"])


def test_another_tenant_s_inbox_is_not_read_through_a_planned_query(seller: Actor, vp: Actor, globex: Tenant) -> None:
    """The same connection has planned the very same text with the tables of this tenant."""
    for number in range(7):
        _open(seller, number, quorum(1))
        assert selectors.inbox_count(vp) == number + 1
    with tenant_context(globex):
        assert selectors.inbox_count(vp) == 0
        assert selectors.front_page(vp).inbox.entries == ()
    assert selectors.inbox_count(vp) == 7


def test_inbox_follows_whatever_changes_who_is_asked(seller: Actor, vp: Actor, finance: Actor) -> None:
    """The database keeps who is asked, so that no service can forget to: here nothing but the row is changed."""
    request = _open(seller, 1, in_order(vp.identifier, finance.identifier))
    ApprovalRequest.objects.filter(pk=request.pk).update(waiting_for=[finance.identifier, "role:approver", finance.identifier])
    assert (_subjects(vp), _subjects(finance)) == (["case:1"], ["case:1"])
    assert set(Asked.objects.values_list("who", flat=True)) == {finance.identifier, "role:approver"}
    approval_vote(request=request, voter=vp, decision="reject", reason="No.", content_hash=request.content_hash)
    assert not Asked.objects.exists()


def test_inbox_is_empty_for_who_may_not_vote(seller: Actor, vp: Actor, outsider: Actor) -> None:
    _open(seller, 1, quorum(1))
    assert _subjects(seller) == _subjects(outsider) == _subjects(NOBODY) == []
    assert selectors.inbox_count(outsider) == 0


def test_inbox_leaves_out_what_is_decided(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = _open(seller, 1, quorum(1))
    approval_vote(request=request, voter=vp, decision="reject", reason="No.", content_hash=request.content_hash)
    assert selectors.inbox_count(finance) == 0
    assert [one.pk for one in selectors.front_page(vp).decided] == [request.pk]
    assert selectors.front_page(finance).decided == ()


def test_inbox_pages_longest_waiting_first(seller: Actor, vp: Actor) -> None:
    for number in range(5):
        _open(seller, number, quorum(1))
    first = selectors.front_page(vp, limit=2).inbox
    second = selectors.front_page(vp, after=first.next_after or 0, limit=2).inbox
    third = selectors.front_page(vp, after=second.next_after or 0, limit=2).inbox
    subjects = [[entry.request.subject for entry in page.entries] for page in (first, second, third)]
    assert subjects == [["case:0", "case:1"], ["case:2", "case:3"], ["case:4"]]
    assert third.next_after is None
    assert selectors.inbox_count(vp) == 5


@pytest.mark.parametrize("rows", [1, 3])
def test_inbox_asks_the_same_number_of_queries(rows: int, seller: Actor, vp: Actor) -> None:
    for number in range(rows):
        _open(seller, number, quorum(1))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert len(selectors.front_page(vp).inbox.entries) == rows
    assert len(captured) == 4  # delegations, keys, rows, names


@pytest.mark.parametrize("votes", [0, 1])
def test_request_detail_asks_the_same_number_of_queries(votes: int, seller: Actor, vp: Actor) -> None:
    for number in range(1 + 2 * votes):
        last = request_make(requested_by=seller.identifier, text=f"version {number}", chain=quorum(2))
    for _vote in range(votes):
        approval_vote(request=last, voter=vp, decision="approve", content_hash=last.content_hash)
    with CaptureQueriesContext(connection) as captured:
        detail = selectors.request_detail(vp, public_id=last.public_id)
    assert (len(detail.votes), len(detail.earlier)) == (votes, 2 * votes)
    assert len(captured) == 7  # request, votes, earlier, clock, role, delegations, names


def test_request_detail_tells_what_changed_since_the_last_version(seller: Actor, vp: Actor, finance: Actor) -> None:
    first = request_make(requested_by=seller.identifier, text="version 1", chain=in_order(vp.identifier))
    second = request_make(requested_by=seller.identifier, text="version 2", chain=in_order(vp.identifier, finance.identifier))
    detail = selectors.request_detail(vp, public_id=second.public_id)
    assert detail.previous is not None
    assert detail.previous.pk == first.pk
    assert detail.changes == (Change(label="Text", before="version 1", after="version 2"),)
    assert (detail.requester, detail.refusal, detail.own_vote) == ("Sam Seller", "", None)
    assert [(stage.asked, stage.is_current, stage.is_passed) for stage in detail.stages] == [
        ("Bob Approver", True, False),
        ("Carol Finance", False, False),
    ]


def test_request_detail_says_why_the_viewer_cannot_vote(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = _open(seller, 1, in_order(vp.identifier, finance.identifier))
    assert "not your turn yet" in selectors.request_detail(finance, public_id=request.public_id).refusal
    assert "no role here that may vote" in selectors.request_detail(seller, public_id=request.public_id).refusal
    assert _refused(request, seller) == Refusal.NO_ROLE


def test_request_detail_names_a_role_an_agent_and_the_system(vp: Actor) -> None:
    request = request_make(requested_by="agent:value_target@1.0.0", chain=quorum(1))
    detail = selectors.request_detail(vp, public_id=request.public_id)
    assert (detail.requester, detail.stages[0].asked) == ("Value target agent", "anyone with the role approver")


@pytest.mark.parametrize("who", ["nobody", "viewer"])
def test_request_detail_is_not_there_for_who_may_not_see(who: str, seller: Actor) -> None:
    request = _open(seller, 1, quorum(1))
    actor = NOBODY if who == "nobody" else Actor("user:999", Role.VIEWER, 999)
    with pytest.raises(ApprovalRequest.DoesNotExist):
        selectors.request_detail(actor, public_id=request.public_id)


def test_requests_about_lists_newest_first(seller: Actor, vp: Actor) -> None:
    first = request_make(requested_by=seller.identifier, text="version 1", chain=quorum(1))
    second = request_make(requested_by=seller.identifier, text="version 2", chain=quorum(1))
    found = selectors.requests_about(vp, subject="case:1")
    assert [(one.pk, one.state) for one in found] == [(second.pk, State.PENDING), (first.pk, State.VOID)]
