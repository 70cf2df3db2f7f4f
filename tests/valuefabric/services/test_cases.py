from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from kernel.events.models import OutboxEvent
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Tenant
from tests.factories.valuefabric import (
    NARRATIVE,
    case_make,
    customer_make,
    honest_draft,
    model_make,
)
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import BusinessCase, CaseVersion, Customer
from valuefabric.models.states import CaseState, IllegalTransition
from valuefabric.selectors.case_content import canonical_hash, case_hash, case_version_content
from valuefabric.services.cases import CaseMismatch, case_draft, case_labels_review, case_withdraw
from valuefabric.services.commitments import case_submit
from valuefabric.services.links import case_link_create
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import model_row_update

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def case(acme: Tenant, kept_customer: Customer, seller: Actor) -> BusinessCase:
    """A drafted case."""
    with tenant_context(acme):
        return case_make(kept_customer, seller)


def test_case_draft_hashes_keeps_and_moves_the_customer(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    assert (case.state, case.version, case.previous_hash) == ("draft", 1, "")
    assert case.content_hash == case_hash(BusinessCase.objects.get(pk=case.pk))
    kept = CaseVersion.objects.get(case=case)
    assert canonical_hash(case_version_content(kept)) == case.content_hash
    assert list(case.sections) == list(NARRATIVE)
    assert Customer.objects.get(pk=customer.pk).stage == "target"
    event = OutboxEvent.objects.get(topic="value.target.defined")
    assert (event.data["case"], event.data["content_hash"]) == (str(case.public_id), case.content_hash)


def test_changed_case_is_the_next_version_and_names_the_one_before(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    changed = case_draft(
        customer=customer,
        model_version=case.model_version,
        draft=honest_draft(title="Education pays"),
        actor=seller,
        case=case,
        reason="shorter title",
    )

    assert (changed.pk, changed.version, changed.previous_hash) == (case.pk, 2, case.content_hash)
    assert changed.content_hash != case.content_hash
    assert [(v.number, v.title) for v in changed.versions.order_by("number")] == [
        (1, "Customer education"),
        (2, "Education pays"),
    ]
    assert [row.history_change_reason for row in changed.history.all()] == ["shorter title", "drafted"]


def test_same_draft_again_is_no_version(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    case_draft(customer=customer, model_version=case.model_version, draft=honest_draft(), actor=seller, case=case)

    assert BusinessCase.objects.get().version == 1
    assert OutboxEvent.objects.filter(topic="value.target.defined").count() == 1


def test_edited_assumption_makes_a_draft_of_a_stamped_case_and_voids_its_approval(case: BusinessCase, seller: Actor) -> None:
    case_review(case=case, actor=seller)
    request = case_submit(case=case, actor=seller)

    model_row_update(
        model=case.model_version.model,
        row="A4",
        values=[Decimal("0.2")] * 3,
        low=[Decimal("0.1")],
        reason="careful",
        actor=seller,
    )

    now = BusinessCase.objects.get(pk=case.pk)
    assert (now.state, now.version, now.model_version.number) == ("draft", 2, 2)
    assert ApprovalRequest.objects.get(pk=request.pk).state == "void"
    assert OutboxEvent.objects.get(topic="approval.decided").data["decision"] == "void"


def test_model_of_another_customer_is_refused(customer: Customer, seller: Actor) -> None:
    other = customer_make(seller, name="Other")
    version = model_make(other, seller)

    with pytest.raises(CaseMismatch):
        case_draft(customer=customer, model_version=version, draft=honest_draft(), actor=seller)

    assert not BusinessCase.objects.filter(customer__in=[customer, other]).exists()


def test_viewer_cannot_draft(customer: Customer, seller: Actor, viewer: Actor) -> None:
    version = model_make(customer, seller)

    with pytest.raises(PermissionDenied):
        case_draft(customer=customer, model_version=version, draft=honest_draft(), actor=viewer)

    assert not customer.cases.exists()


def test_withdrawn_case_voids_closes_links_and_moves_the_customer_back(
    case: BusinessCase, customer: Customer, seller: Actor
) -> None:
    case_review(case=case, actor=seller)
    request = case_submit(case=case, actor=seller)
    link = case_link_create(case=case, actor=seller)

    withdrawn = case_withdraw(case=case, reason="rolled back", actor=seller)
    case_withdraw(case=case, reason="again", actor=seller)

    assert (withdrawn.state, withdrawn.withdrawn_reason) == ("withdrawn", "rolled back")
    assert ApprovalRequest.objects.get(pk=request.pk).state == "void"
    link.refresh_from_db()
    assert link.revoked_by == seller.identifier
    assert Customer.objects.get(pk=customer.pk).stage == "opportunity"
    assert OutboxEvent.objects.filter(topic="value.case.withdrawn").count() == 1
    with pytest.raises(IllegalTransition):
        case_draft(customer=customer, model_version=case.model_version, draft=honest_draft(title="Back"), actor=seller, case=case)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": "Better"}, "next version"),
        ({"content_hash": "sha256:" + "0" * 64}, "next version"),
        ({"state": CaseState.COMMITTED}, "draft cannot become committed|is draft cannot become committed"),
        ({"title": "Better", "version": 2}, "next version"),
    ],
)
def test_case_tampered_with_by_sql_is_refused_by_the_database(
    case: BusinessCase, seller: Actor, change: dict[str, object], message: str
) -> None:
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        BusinessCase.objects.filter(pk=case.pk).update(**change)
    with pytest.raises(DatabaseError, match="withdraw"), transaction.atomic():
        BusinessCase.objects.filter(pk=case.pk)._raw_delete("default")
    with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
        CaseVersion.objects.filter(case=case).update(title="Better")


def test_failure_in_the_middle_leaves_no_case(customer: Customer, seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    version = model_make(customer, seller)

    def fail(**_arguments: object) -> None:
        raise RuntimeError("the outbox is away")

    monkeypatch.setattr("valuefabric.services.records.event_emit", fail)
    with pytest.raises(RuntimeError):
        case_draft(customer=customer, model_version=version, draft=honest_draft(), actor=seller)

    assert not customer.cases.exists()
    assert Customer.objects.get(pk=customer.pk).stage == "opportunity"


def test_person_who_read_agents_work_is_named_in_its_labels(case: BusinessCase, seller: Actor) -> None:
    reviewed = case_labels_review(case=case, actor=seller, parts=["summary"])

    names = {label["part"]: label["reviewed_by"] for label in reviewed.ai_labels}
    assert (names["summary"], names["risks"]) == ("Sam Seller", "")
    assert (reviewed.version, reviewed.previous_hash) == (2, case.content_hash)


def test_agent_cannot_review_its_own_work(case: BusinessCase, seller: Actor) -> None:
    with pytest.raises(CaseMismatch, match="Only a person"):
        case_labels_review(case=case, actor=SYSTEM_ACTOR)
    with pytest.raises(CaseMismatch, match="labelled"):
        case_labels_review(case=case, actor=seller, parts=["invented"])

    assert BusinessCase.objects.get(pk=case.pk).version == 1
