"""Sharing a case under a policy: asked first in the loop, undone by an objection on the loop, sampled over the loop."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.services import approval_apply, approval_object, approval_revert, approval_vote, policy_put
from approvals.states import State
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.approvals import role_set
from tests.factories.valuefabric import approved, honest_draft, stamped_case
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import BusinessCase, CaseLink, Customer
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.case_sharing import case_share
from valuefabric.services.cases import case_draft
from valuefabric.services.commitments import case_commit
from valuefabric.services.links import LinkGone, NotShareable, case_link_create, case_link_open, case_link_token

ONE = Chain(stages=(Stage(title="Approver", role=Role.APPROVER),))


pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def case(acme: Tenant, kept_customer: Customer, seller: Actor) -> BusinessCase:
    with tenant_context(acme):
        return stamped_case(kept_customer, seller)


@pytest.fixture(scope="module")
def vp(bob: User, actor_for: Callable[[User], Actor]) -> Actor:
    return actor_for(bob)


def _governed(mode: Mode, **more: Any) -> None:
    policy_put(action=CASE_SHARE, terms=Terms(chain=ONE, mode=mode, **more), actor="user:1")


def _asked(case: BusinessCase, actor: Actor, recipient: str = "ada@customer.example") -> ApprovalRequest:
    request = case_share(case=case, actor=actor, recipient=recipient).request
    assert request is not None
    return request


def _agreed(request: ApprovalRequest, voter: Actor) -> ApprovalRequest:
    return approval_vote(request=request, voter=voter, decision="approve", content_hash=request.content_hash)


def test_sharing_without_a_policy_asks_nobody(case: BusinessCase, seller: Actor) -> None:
    shared = case_share(case=case, actor=seller, recipient="Ada")
    assert shared.link is not None
    assert (shared.link.recipient, shared.request, ApprovalRequest.objects.count()) == ("Ada", None, 0)


def test_sharing_in_the_loop_makes_the_link_after_the_vote_and_once(case: BusinessCase, seller: Actor, vp: Actor) -> None:
    _governed(Mode.IN)
    request = _asked(case, seller)
    assert (request.state, CaseLink.objects.count()) == (State.PENDING, 0)
    assert request.shown.facts["For whom"] == "ada@customer.example"
    assert request.shown.title.endswith("” with ada@customer.example")
    assert request.shown.kind.startswith("Link to a business case until ")
    assert (request.risk["irreversible"], request.risk["audience"]) == (False, "customer")

    _agreed(request, vp)
    assert [approval_apply(request=request), approval_apply(request=request)] == [True, False]

    link = CaseLink.objects.get()
    assert (link.public_id, link.recipient, link.created_by) == (request.public_id, "ada@customer.example", seller.identifier)
    assert case_link_open(token=case_link_token(link)).content_hash == case.content_hash


def test_sharing_on_the_loop_is_done_and_an_objection_closes_the_link(case: BusinessCase, seller: Actor, vp: Actor) -> None:
    _governed(Mode.ON)
    request = _asked(case, seller)
    assert request.state == State.APPROVED
    assert approval_apply(request=request) is True
    token = case_link_token(CaseLink.objects.get())
    case_link_open(token=token)

    approval_object(request=request, reviewer=vp, reason="She has left that company.")
    assert [approval_revert(request=request), approval_revert(request=request)] == [True, False]

    with pytest.raises(LinkGone):
        case_link_open(token=token)


def test_sharing_over_the_loop_is_done_and_put_up_for_review(case: BusinessCase, seller: Actor) -> None:
    _governed(Mode.OVER, sample_percent=100)
    request = _asked(case, seller)
    assert (request.state, request.sampled, approval_apply(request=request)) == (State.APPROVED, True, True)
    assert CaseLink.objects.get().revoked_at is None


def test_committed_case_is_shared_under_the_policy_too(case: BusinessCase, seller: Actor, voters: tuple[Actor, Actor]) -> None:
    _governed(Mode.ON)
    case = case_commit(case=case, approval=approved(case, seller, voters), actor=seller).case
    assert approval_apply(request=_asked(case, seller)) is True
    assert CaseLink.objects.get().case_version.content_hash == case.content_hash


def test_two_readers_are_two_questions_and_the_same_one_is_one(case: BusinessCase, seller: Actor) -> None:
    _governed(Mode.IN)
    until = timezone.now() + timedelta(days=7)
    first, again, other = (
        case_share(case=case, actor=seller, recipient=who, expires_at=until).request for who in ("Ada", "Ada", "Bea")
    )
    assert first == again
    assert first != other


def test_attack_requester_who_may_share_no_more_gets_no_link(case: BusinessCase, seller: Actor, vp: Actor, sam: User) -> None:
    _governed(Mode.IN)
    request = _asked(case, seller)
    _agreed(request, vp)
    role_set(sam, Role.VIEWER)

    assert approval_apply(request=request) is False

    request.refresh_from_db()
    assert (request.state, CaseLink.objects.count()) == (State.VOID, 0)
    assert "case.share" in request.outcome_reason


def test_attack_case_edited_after_the_question_is_not_shared(case: BusinessCase, seller: Actor) -> None:
    _governed(Mode.IN)
    request = _asked(case, seller)
    case_draft(
        customer=case.customer, model_version=case.model_version, draft=honest_draft(title="Later"), actor=seller, case=case
    )
    request.refresh_from_db()
    assert request.state == State.VOID


def test_draft_is_not_even_asked_about(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    _governed(Mode.ON)
    later = honest_draft(title="Later")
    draft = case_draft(customer=customer, model_version=case.model_version, draft=later, actor=seller, case=case)
    with pytest.raises(NotShareable):
        case_share(case=draft, actor=seller)
    assert ApprovalRequest.objects.count() == 0


def test_attack_no_link_is_made_past_a_policy(case: BusinessCase, seller: Actor) -> None:
    _governed(Mode.OVER)
    with pytest.raises(NotShareable, match="Ask for the link"):
        case_link_create(case=case, actor=seller)
    assert CaseLink.objects.count() == 0
