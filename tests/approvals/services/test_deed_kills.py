"""Workers killed with SIGKILL in every phase of a deed: it is done once, by whoever finds it still due."""

import os
import signal
from collections.abc import Callable
from multiprocessing import forkserver, get_context

import psycopg
import pytest
from django.db import connection
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
from valuefabric.models import CaseLink
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.case_sharing import case_share

pytestmark = pytest.mark.kill

type Killed = Callable[[ApprovalRequest, str], None]


@pytest.fixture(scope="module")
def killed(django_db_setup: None) -> Killed:
    """``killed(request, where)`` lets a worker, a process of its own, take the deed and sees it die."""
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("DJANGO_SETTINGS_MODULE", "vos.settings")
        forkserver.set_forkserver_preload(["tests.workflows.started"])
        forkserver.ensure_running()

    def kill(request: ApprovalRequest, where: str) -> None:
        worker = get_context("forkserver").Process(target=apply, args=("acme", str(request.public_id), where))
        worker.start()
        worker.join(timeout=120)
        request.refresh_from_db()
        assert worker.exitcode == -signal.SIGKILL, (request.state, request.outcome_reason, request.deed_error)

    return kill


def _person(email: str) -> Actor:
    user = User.objects.get(email=email)
    return Actor(f"user:{user.pk}", user.memberships.get().role, user.pk, str(user))


def test_a_deed_whose_worker_is_killed_is_done_exactly_once(committed: Tenant, killed: Killed) -> None:
    with tenant_context(committed):
        sam, bob = _person("sam@acme.example"), _person("bob@acme.example")
        policy_put(action=CASE_SHARE, terms=Terms(chain=quorum(1)), actor="user:1")
        case = stamped_case(customer_make(sam), sam)
        for number, where in enumerate(PHASES, 1):
            request = case_share(case=case, actor=sam, recipient=where).request
            assert request is not None
            approval_vote(request=request, voter=bob, decision="approve", content_hash=request.content_hash)

            killed(request, where)

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
