"""Workers killed with SIGKILL in every phase of a deed: it is done once, by whoever finds it still due."""

import signal

import pytest
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from approvals.services import approval_apply, approval_vote, policy_put
from approvals.services.endings import APPLY
from approvals.states import State
from approvals.terms import Terms
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.approvals.killed import PHASES, apply
from tests.factories.approvals import quorum
from tests.factories.valuefabric import customer_make, stamped_case
from tests.forked import Forked, forked
from valuefabric.models import CaseLink
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.case_sharing import case_share

__all__ = ["forked"]

pytestmark = pytest.mark.kill


def _killed(forked: Forked, request: ApprovalRequest, where: str) -> None:
    """Let a worker take the deed, and see it die there."""
    code = forked(apply, "acme", str(request.public_id), where)
    request.refresh_from_db()
    assert code == -signal.SIGKILL, (request.state, request.outcome_reason, request.deed_error)


def _person(email: str) -> Actor:
    user = User.objects.get(email=email)
    return Actor(f"user:{user.pk}", user.memberships.get().role, user.pk, str(user))


def test_a_deed_whose_worker_is_killed_is_done_exactly_once(committed: Tenant, forked: Forked) -> None:
    with tenant_context(committed):
        sam, bob = _person("sam@acme.example"), _person("bob@acme.example")
        policy_put(action=CASE_SHARE, terms=Terms(chain=quorum(1)), actor="user:1")
        case = stamped_case(customer_make(sam), sam)
        for number, where in enumerate(PHASES, 1):
            request = case_share(case=case, actor=sam, recipient=where).request
            assert request is not None
            approval_vote(request=request, voter=bob, decision="approve", content_hash=request.content_hash)

            _killed(forked, request, where)

            was_committed = where == "committed"
            assert CaseLink.objects.filter(recipient=where).count() == was_committed
            assert DueWork.objects.filter(kind=APPLY, reference=str(request.public_id)).exists() is not was_committed
            # Two who find it: the sweeper's wake-up, and a message that came late.
            assert [approval_apply(request=request), approval_apply(request=request)] == [not was_committed, False]
            request.refresh_from_db()
            assert (request.state, request.applied_at is not None, request.deed_error) == (State.APPROVED, True, "")
            assert [link.public_id for link in CaseLink.objects.filter(recipient=where)] == [request.public_id]
            assert CaseLink.objects.count() == number
            assert OutboxEvent.objects.filter(topic="approval.applied", aggregate=request.reference).count() == 1
            assert AuditRecord.objects.filter(action="approval.used", subject=request.reference).count() == 1
