from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from approvals.services import ApprovalUnusable, ContentStale, approval_request_open, approval_vote
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import approved, case_make, committed_case, customer_make, honest_draft, stamped_case
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import BusinessCase, Commitment, Customer, ValueModel
from valuefabric.services.cases import case_draft
from valuefabric.services.commitments import NotStamped, case_commit, case_submit, commitment_reverse
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import model_row_update

Voters = tuple[Actor, Actor]

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def case(acme: Tenant, kept_customer: Customer, seller: Actor) -> BusinessCase:
    """A case that passed review."""
    with tenant_context(acme):
        return stamped_case(kept_customer, seller)


def test_case_commit_binds_to_what_was_approved(case: BusinessCase, customer: Customer, seller: Actor, voters: Voters) -> None:
    approval = approved(case, seller, voters)

    commitment = case_commit(case=case, approval=approval, actor=seller, starts_on=date(2027, 1, 1))

    assert commitment.content_hash == approval.content_hash == BusinessCase.objects.get(pk=case.pk).content_hash
    assert (commitment.starts_on, commitment.ends_on, commitment.term_months) == (date(2027, 1, 1), date(2030, 1, 1), 36)
    assert BusinessCase.objects.get(pk=case.pk).state == "committed"
    assert Customer.objects.get(pk=customer.pk).stage == "realization"
    assert ValueModel.objects.get(pk=case.model_version.model_id).locked_at is not None
    assert ApprovalRequest.objects.get(pk=approval.pk).applied_at is not None
    assert OutboxEvent.objects.get(topic="value.case.committed").data["commitment"] == str(commitment.public_id)
    assert AuditRecord.objects.get(action="case.committed").detail["approval"] == str(approval.public_id)


def test_committing_again_with_the_same_approval_is_the_same_commitment(
    case: BusinessCase, seller: Actor, voters: Voters
) -> None:
    approval = approved(case, seller, voters)

    first = case_commit(case=case, approval=approval, actor=seller)
    second = case_commit(case=case, approval=approval, actor=seller)

    assert first.pk == second.pk
    assert OutboxEvent.objects.filter(topic="value.case.committed").count() == 1


def test_summary_shows_four_figures_and_what_is_not_counted(customer: Customer, seller: Actor) -> None:
    request = case_submit(case=stamped_case(customer, seller), actor=seller)

    shown = request.shown
    assert [(figure.label, figure.value) for figure in shown.figures] == [
        ("Benefits at present value", "16,717,314"),
        ("Costs at present value", "1,036,188"),
        ("Net present value", "15,681,125"),
        ("Payback", shown.figures[3].value),
    ]
    assert all(figure.href for figure in shown.figures)
    assert shown.facts["Not counted"] == "Support questions that courses answer"
    assert shown.facts["Integrity"] == "stamped by rule set 1.1.0"
    assert shown.facts["Revenue retained through education (present value)"] == "10,041,989"
    assert [violation.severity for violation in shown.violations] == ["warned"] * len(shown.violations)


def test_one_vote_is_not_enough(case: BusinessCase, seller: Actor, voters: Voters) -> None:
    approval = approved(case, seller, voters[:1])

    with pytest.raises(ApprovalUnusable, match="pending"):
        case_commit(case=case, approval=approval, actor=seller)

    _nothing_committed(case)


def test_case_changed_after_approval_is_not_committed(
    case: BusinessCase, customer: Customer, seller: Actor, voters: Voters
) -> None:
    approval = approved(case, seller, voters)
    changed = case_draft(
        customer=customer, model_version=case.model_version, draft=honest_draft(title="More"), actor=seller, case=case
    )
    assert case_review(case=changed, actor=seller).passed

    with pytest.raises(ApprovalUnusable, match="by now"):
        case_commit(case=changed, approval=approval, actor=seller)

    assert ApprovalRequest.objects.get(pk=approval.pk).state == "void"
    _nothing_committed(case)


def test_assumption_edited_between_the_votes_voids_them(case: BusinessCase, seller: Actor, voters: Voters) -> None:
    request = approved(case, seller, voters[:1])
    model_row_update(model=case.model_version.model, row="A4", confidence="low", reason="one cohort", actor=seller)

    with pytest.raises(ValueError, match="decided already"):
        approval_vote(request=request, voter=voters[1], decision="approve", content_hash=request.content_hash)

    assert ApprovalRequest.objects.get(pk=request.pk).state == "void"


def test_approval_of_another_case_is_not_good_here(case: BusinessCase, seller: Actor, voters: Voters) -> None:
    other = stamped_case(customer_make(seller, name="Other"), seller)
    approval = approved(other, seller, voters)

    with pytest.raises(ApprovalUnusable, match="something else"):
        case_commit(case=case, approval=approval, actor=seller)

    _nothing_committed(case)


def test_case_without_a_stamp_is_neither_submitted_nor_committed(customer: Customer, seller: Actor) -> None:
    case = case_make(customer, seller)

    with pytest.raises(NotStamped):
        case_submit(case=case, actor=seller)

    assert ApprovalRequest.objects.count() == 0


def test_approval_is_not_asked_for_a_made_up_hash(case: BusinessCase, seller: Actor) -> None:

    with pytest.raises(ContentStale):
        approval_request_open(
            action="case.commit", subject=case.reference, content_hash="sha256:" + "0" * 64, requested_by=seller.identifier
        )


def test_viewer_cannot_commit(case: BusinessCase, seller: Actor, viewer: Actor, voters: Voters) -> None:
    approval = approved(case, seller, voters)

    with pytest.raises(PermissionDenied):
        case_commit(case=case, approval=approval, actor=viewer)

    _nothing_committed(case)


def test_reversed_commitment_opens_model_and_case_and_keeps_its_record(customer: Customer, seller: Actor, voters: Voters) -> None:
    commitment = committed_case(customer, seller, voters)

    reversed_once = commitment_reverse(commitment=commitment, reason="rolled back", actor=seller)
    commitment_reverse(commitment=commitment, reason="again", actor=seller)

    assert (reversed_once.reversed_by, reversed_once.reversed_reason) == (seller.identifier, "rolled back")
    assert BusinessCase.objects.get(pk=commitment.case_id).state == "stamped"
    assert ValueModel.objects.get(pk=commitment.model_version.model_id).locked_at is None
    assert Customer.objects.get(pk=customer.pk).stage == "target"
    assert Commitment.objects.count() == 1
    assert OutboxEvent.objects.filter(topic="value.commitment.reversed").count() == 1


def test_used_approval_is_not_used_again_after_a_reversal(case: BusinessCase, seller: Actor, voters: Voters) -> None:
    approval = approved(case, seller, voters)
    commitment = case_commit(case=case, approval=approval, actor=seller)
    commitment_reverse(commitment=commitment, reason="rolled back", actor=seller)

    with pytest.raises(ApprovalUnusable, match="used already"):
        case_commit(case=case, approval=ApprovalRequest.objects.get(pk=approval.pk), actor=seller)


def test_commitment_tampered_with_by_sql_is_refused_by_the_database(customer: Customer, seller: Actor, voters: Voters) -> None:
    commitment = committed_case(customer, seller, voters)

    for change in ({"content_hash": "sha256:" + "0" * 64}, {"measures": {"npv": "1"}}, {"starts_on": date(2020, 1, 1)}):
        with pytest.raises(DatabaseError, match="stands as it was made"), transaction.atomic():
            Commitment.objects.filter(pk=commitment.pk).update(**change)
    with pytest.raises(DatabaseError, match="cannot be edited"), transaction.atomic():
        BusinessCase.objects.filter(pk=commitment.case_id).update(title="More")


def _nothing_committed(case: BusinessCase) -> None:
    assert Commitment.objects.count() == 0
    assert not OutboxEvent.objects.filter(topic="value.case.committed").exists()
    assert BusinessCase.objects.get(pk=case.pk).state != "committed"
