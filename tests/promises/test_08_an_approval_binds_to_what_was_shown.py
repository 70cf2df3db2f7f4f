"""Promise 8: an approval binds to exactly what was shown. If a byte of it changes, the approval is void."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_context, tenant_context

from approvals.models import ApprovalRequest
from approvals.services import ApprovalUnusable, approval_vote
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.postgres.roles import owning_role
from tenants.roles import Role
from tests.factories.job import ground_make
from valuefabric.models import BusinessCase, Commitment
from valuefabric.services.commitments import case_commit
from valuefabric.services.value_models import model_row_update
from vos.demo import job
from vos.demo.pump import wait_until, work_here


@pytest.fixture
def asked(committed: Tenant) -> Iterator[ApprovalRequest]:
    """A case that waits for its two approvers."""
    ground_make(committed)
    with tenant_context(committed):
        seller = _actor("sam@acme.example", Role.SELLER)
        customer = job._customer(seller)
        for name in job.DOCUMENTS:
            job.evidence_add(customer=customer, filename=name, content=(job.DATA / name).read_bytes(), actor=seller)
        run = job._start(customer, seller)
        yield wait_until("the approval", lambda: job._asked(run), work_here, seconds=60)


def _actor(email: str, role: Role) -> Actor:
    with schema_context("public"):
        user = User.objects.get(email=email)
    return Actor(f"user:{user.pk}", role, user.pk, user.name)


def _vote(request: ApprovalRequest, email: str) -> ApprovalRequest:
    voter = _actor(email, Role.APPROVER)
    return approval_vote(request=request, voter=voter, decision="approve", content_hash=request.content_hash)


def _change_behind_the_guards() -> None:
    """As somebody who owns the tables could: the database itself refuses it to the tenant's role."""
    with pytest.raises(IntegrityError, match="next version"), transaction.atomic():
        BusinessCase.objects.update(title="Another title")
    table = "valuefabric_businesscase"
    with owning_role(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; UPDATE {table} SET title = 'Another title';")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_changed_assumption_voids_the_request(asked: ApprovalRequest) -> None:
    model = BusinessCase.objects.get().model_version.model
    seller = _actor("sam@acme.example", Role.SELLER)

    model_row_update(model=model, row="A4", reason="a little more", actor=seller, values=["0.223"])

    asked.refresh_from_db()
    assert asked.state == "void"


def test_a_byte_changed_behind_the_services_is_noticed_at_the_vote(asked: ApprovalRequest) -> None:
    _change_behind_the_guards()

    with pytest.raises(ValueError):
        _vote(asked, "bob@acme.example")

    asked.refresh_from_db()
    assert asked.state == "void"


def test_what_was_approved_cannot_commit_something_else(asked: ApprovalRequest) -> None:
    _vote(asked, "bob@acme.example")
    request = _vote(asked, "carol@acme.example")
    assert request.state == "approved"
    _change_behind_the_guards()

    with pytest.raises(ApprovalUnusable):
        case_commit(case=BusinessCase.objects.get(), approval=request, actor=_actor("sam@acme.example", Role.SELLER))

    assert not Commitment.objects.exists()
