"""Promise 8: an approval binds to exactly what was shown. If a byte of it changes, the approval is void."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_context, tenant_context

from approvals.models import ApprovalRequest
from approvals.services import (
    ApprovalUnusable,
    SubjectChanged,
    WrongHash,
    approval_request_open,
    approval_use,
    approval_void,
    approval_vote,
)
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.postgres.roles import owning_role
from tenants.roles import Role
from tests.factories.databases import empty_tenants
from tests.factories.job import ground_make
from valuefabric.models import BusinessCase, Commitment
from valuefabric.selectors.case_content import case_hash
from valuefabric.services.commitments import case_commit, commitment_reverse
from valuefabric.services.value_models import model_row_update
from vos.demo import job
from vos.demo.pump import wait_until, work_here


@pytest.fixture(scope="module")
def waiting(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[int]:
    """A case that waits for its two approvers, committed once for the file. Returns the key of the request."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        acme = Tenant.objects.get(schema_name="acme")
        ground_make(acme)
        with tenant_context(acme):
            yield _asked().pk
        connection.set_schema_to_public()
        empty_tenants()
        connection.close()


@pytest.fixture
def asked(waiting: int, in_acme: Tenant) -> ApprovalRequest:
    """The request; what a test does to it is rolled back."""
    return ApprovalRequest.objects.get(pk=waiting)


def _asked() -> ApprovalRequest:
    seller = _actor("sam@acme.example", Role.SELLER)
    customer = job._customer(seller)
    for name in job.DOCUMENTS:
        job.evidence_add(customer=customer, filename=name, content=(job.DATA / name).read_bytes(), actor=seller)
    run = job._start(customer, seller)
    return wait_until("the approval", lambda: job._asked(run), work_here, seconds=60)


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


def test_a_byte_changed_between_two_votes_is_noticed_at_the_second(asked: ApprovalRequest) -> None:
    _vote(asked, "bob@acme.example")
    _change_behind_the_guards()

    with pytest.raises(SubjectChanged):
        _vote(asked, "carol@acme.example")

    asked.refresh_from_db()
    assert (asked.state, asked.votes.count()) == ("void", 1)


def test_what_was_approved_cannot_commit_something_else(asked: ApprovalRequest) -> None:
    _vote(asked, "bob@acme.example")
    request = _vote(asked, "carol@acme.example")
    assert request.state == "approved"
    _change_behind_the_guards()

    with pytest.raises(ApprovalUnusable):
        case_commit(case=BusinessCase.objects.get(), approval=request, actor=_actor("sam@acme.example", Role.SELLER))

    assert not Commitment.objects.exists()


def test_a_vote_about_another_hash_is_not_counted(asked: ApprovalRequest) -> None:
    bob = _actor("bob@acme.example", Role.APPROVER)
    for other in ("", "sha256:" + "0" * 64, asked.content_hash[:-1]):
        with pytest.raises(WrongHash):
            approval_vote(request=asked, voter=bob, decision="approve", content_hash=other)
    asked.refresh_from_db()
    assert (asked.state, asked.votes.count()) == ("pending", 0)


def test_an_approval_that_was_used_is_good_for_no_second_commitment(asked: ApprovalRequest) -> None:
    request, seller = _approved(asked), _actor("sam@acme.example", Role.SELLER)
    case = BusinessCase.objects.get()
    commitment = case_commit(case=case, approval=request, actor=seller)
    commitment_reverse(commitment=commitment, reason="Too early.", actor=seller)

    with pytest.raises(ApprovalUnusable, match="used already"):
        case_commit(case=BusinessCase.objects.get(), approval=request, actor=seller)

    assert list(Commitment.objects.values_list("pk", "reversed_reason")) == [(commitment.pk, "Too early.")]


def test_an_approval_that_was_taken_back_commits_nothing(asked: ApprovalRequest) -> None:
    request = _approved(asked)
    approval_void(subject=request.subject, content_hash_now="", reason="A doubt came up.")

    with pytest.raises(ApprovalUnusable, match="void"):
        case_commit(case=BusinessCase.objects.get(), approval=request, actor=_actor("sam@acme.example", Role.SELLER))

    assert not Commitment.objects.exists()


def test_an_approval_of_something_else_commits_nothing(asked: ApprovalRequest) -> None:
    request = _approved(asked)
    request.subject = "case:00000000-0000-4000-8000-000000000000"

    with pytest.raises(ApprovalUnusable, match="something else"):
        case_commit(case=BusinessCase.objects.get(), approval=request, actor=_actor("sam@acme.example", Role.SELLER))

    assert not Commitment.objects.exists()


def test_an_approval_is_good_for_the_arguments_it_was_asked_for(asked: ApprovalRequest) -> None:
    """Asked for with a day: for no other day, and not without one."""
    seller = _actor("sam@acme.example", Role.SELLER)
    request = approval_request_open(
        action=asked.action,
        subject=asked.subject,
        content_hash=asked.content_hash,
        requested_by=seller.identifier,
        arguments={"starts_on": "2027-01-01"},
    )
    assert request.pk != asked.pk
    request = _approved(request)
    for arguments in ({"starts_on": "2028-01-01"}, {}):
        with pytest.raises(ApprovalUnusable, match="other arguments"), transaction.atomic():
            approval_use(request=request, actor=seller.identifier, arguments=arguments)
    with transaction.atomic():
        approval_use(request=request, actor=seller.identifier, arguments={"starts_on": "2027-01-01"})


def test_every_part_that_is_shown_is_in_the_hash(asked: ApprovalRequest) -> None:
    parts: dict[str, object] = {
        "title": "Another title",
        "outcome_owner": "Somebody else",
        "narrative": [{"section": "summary", "text": "Another story."}],
        "narrative_figures": [],
        "stakeholders": [],
        "exclusions": [],
        "uncertainties": [],
        "forbidden": [],
        "measurement_plan": {},
        "ai_labels": [],
    }
    assert case_hash(BusinessCase.objects.get()) == asked.content_hash
    for part, changed in parts.items():
        case = BusinessCase.objects.get()
        assert getattr(case, part) != changed, part
        setattr(case, part, changed)
        assert case_hash(case) != asked.content_hash, part


def _approved(request: ApprovalRequest) -> ApprovalRequest:
    _vote(request, "bob@acme.example")
    approved = _vote(request, "carol@acme.example")
    assert approved.state == "approved"
    return approved
