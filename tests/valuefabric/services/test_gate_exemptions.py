"""The gate stops a case: it is not stamped, so nobody is asked to approve it; an exemption is somebody's word, on record."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InternalError, transaction
from django.db.utils import DatabaseError
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from approvals.services import approval_request_open
from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import case_make, published_document
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.manifesto import Mend
from valuefabric.models import BusinessCase, Customer, GateExemption, IntegrityReview
from valuefabric.selectors.approval import commit_summary
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.case_workbook import case_workbook_made
from valuefabric.selectors.conservative_gate import gate_of
from valuefabric.selectors.documents import document_of
from valuefabric.services.commitments import NotStamped, case_submit
from valuefabric.services.gate_exemptions import ExemptionRefused, gate_exempt, gate_exemption_withdraw
from valuefabric.services.reviews import case_review, mend_apply
from valuefabric.services.value_models import model_row_update

pytestmark = pytest.mark.usefixtures("in_acme")

REASON = "Finance takes the haircut off the total, see their memo of 3 March."


@pytest.fixture(scope="module")
def drafted(acme: Tenant, kept_customer: Customer, seller: Actor) -> BusinessCase:
    """The published case."""
    with tenant_context(acme):
        return case_make(kept_customer, seller)


def bold_case(case: BusinessCase, seller: Actor, adjustment: str = "0.01") -> BusinessCase:
    """The published case with nearly no risk adjustment on one benefit."""
    edit(case, seller, adjustment)
    return BusinessCase.objects.get(pk=case.pk)


def edit(case: BusinessCase, seller: Actor, adjustment: str) -> None:
    model = case.model_version.model
    model_row_update(model=model, row="Btr", reason="bolder", actor=seller, risk_adjustment=Decimal(adjustment))


def of_the_gate(review: IntegrityReview) -> list[dict[str, Any]]:
    return [result for result in review.results if result["key"] == "conservative_gate" and result["status"] != "passed"]


def test_published_case_passes_the_gate(drafted: BusinessCase, seller: Actor) -> None:
    review = case_review(case=drafted, actor=seller)

    assert of_the_gate(review) == []
    assert review.rule_set_version == "1.1.0"


def test_case_that_fails_the_gate_is_neither_stamped_nor_put_before_approvers(drafted: BusinessCase, seller: Actor) -> None:
    case = bold_case(drafted, seller)

    review = case_review(case=case, actor=seller)

    [found] = of_the_gate(review)
    assert (case.state, review.stamp, found["status"], found["cells"]) == ("quarantined", None, "failed", ["Btr"])
    assert "Btr (Spending benefit, risk-adjusted) is adjusted for risk by 1 % only" in found["explanation"]
    assert "(risk_adjustment, beyond the limit by 4 %)" in found["explanation"]
    assert (found["mend"]["path"], found["mend"]["after"]) == ("/document/rows/Btr/risk_adjustment", "0.05")
    with pytest.raises(NotStamped):
        case_submit(case=case, actor=seller)
    with pytest.raises(NotStamped):  # as a workflow's step asks
        approval_request_open(
            action="case.commit", subject=case.reference, content_hash=case_hash(case), requested_by=seller.identifier
        )
    assert ApprovalRequest.objects.count() == 0


def test_mend_of_the_gate_makes_the_model_careful(drafted: BusinessCase, seller: Actor) -> None:
    case = bold_case(drafted, seller)
    [found] = of_the_gate(case_review(case=case, actor=seller))

    mended = mend_apply(case=case, mend=Mend.model_validate(found["mend"]), actor=seller)

    assert document_of(mended.model_version).row("Btr").risk_adjustment == Decimal("0.05")
    assert of_the_gate(case_review(case=mended, actor=seller)) == []


def weak_case(case: BusinessCase, seller: Actor) -> BusinessCase:
    """The published case with the same figures, of which one assumption is of low confidence by now."""
    model_row_update(model=case.model_version.model, row="A4", reason="one cohort", actor=seller, confidence="low")
    return BusinessCase.objects.get(pk=case.pk)


def test_exemption_lets_the_case_pass_and_is_printed_in_it(drafted: BusinessCase, seller: Actor, owner: Actor) -> None:
    case = weak_case(drafted, seller)
    model = case.model_version.model
    assert case_review(case=case, actor=seller).passed is False

    exemption = gate_exempt(model=model, rule="rests_on_one", row="A4", reason=REASON, actor=owner)
    review = case_review(case=case, actor=seller)

    [found] = of_the_gate(review)
    told = f"Exempted by {owner.name} on {exemption.created_at.date()}: {REASON}"
    assert (case.state, found["status"]) == ("stamped", "warned")
    assert "of all benefits rest on A4" in found["explanation"]
    assert told in found["explanation"]
    assert review.stamp is not None
    assert told in str(review.stamp["results"])
    assert told in str(commit_summary(case.reference)["violations"])
    assert REASON.encode() in unzipped(case_workbook_made(case.versions.get(number=case.version)))
    audited = AuditRecord.objects.get(action="gate.exempted")
    assert (audited.actor, audited.detail["reason"], audited.detail["rule"]) == (owner.identifier, REASON, "rests_on_one")
    assert gate_of(model, document_of(case.model_version)).passed


def test_exemption_does_not_cover_more_than_it_was_given_for(drafted: BusinessCase, seller: Actor, owner: Actor) -> None:
    case = bold_case(drafted, seller)
    gate_exempt(model=case.model_version.model, rule="risk_adjustment", row="Btr", reason=REASON, actor=owner)

    edit(case, seller, "0")

    [found] = of_the_gate(case_review(case=BusinessCase.objects.get(pk=case.pk), actor=seller))
    assert (found["status"], REASON in found["explanation"]) == ("failed", False)


def test_withdrawn_exemption_takes_stamp_and_requests_along(drafted: BusinessCase, seller: Actor, owner: Actor) -> None:
    case = weak_case(drafted, seller)
    exemption = gate_exempt(model=case.model_version.model, rule="rests_on_one", row="A4", reason=REASON, actor=owner)
    case_review(case=case, actor=seller)
    request = case_submit(case=case, actor=seller)

    gate_exemption_withdraw(exemption=exemption, actor=owner)
    gate_exemption_withdraw(exemption=exemption, actor=owner)

    assert BusinessCase.objects.get(pk=case.pk).state == "quarantined"
    assert ApprovalRequest.objects.get(pk=request.pk).state == "void"
    assert AuditRecord.objects.filter(action="gate.exemption_withdrawn").count() == 1


def test_who_sells_does_not_exempt_and_who_does_says_why(drafted: BusinessCase, seller: Actor, owner: Actor) -> None:
    model = bold_case(drafted, seller).model_version.model
    given: dict[str, Any] = {"model": model, "rule": "risk_adjustment", "row": "Btr", "reason": REASON, "actor": owner}

    with pytest.raises(PermissionDenied):
        gate_exempt(**{**given, "actor": seller})
    for change, words in (
        ({"reason": "  "}, "Say why"),
        ({"row": "Atr"}, "finds nothing"),
        ({"rule": "base_above_middle"}, "is not exempted"),
    ):
        with pytest.raises(ExemptionRefused, match=words):
            gate_exempt(**{**given, **change})
    assert GateExemption.objects.count() == 0

    gate_exempt(**given)
    with pytest.raises(ExemptionRefused, match="exempt from that rule already"):
        gate_exempt(**given)


def test_stored_exemption_cannot_be_changed_or_deleted(drafted: BusinessCase, seller: Actor, owner: Actor) -> None:
    model = bold_case(drafted, seller).model_version.model
    exemption = gate_exempt(model=model, rule="risk_adjustment", row="Btr", reason=REASON, actor=owner)

    for change in (lambda: GateExemption.objects.update(up_to="1"), exemption.delete):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            change()

    assert GateExemption.objects.get().up_to == "0.04"


def test_stamped_case_is_untouched_by_another_models_exemption(drafted: BusinessCase, seller: Actor, owner: Actor) -> None:
    assert case_review(case=drafted, actor=seller).passed

    assert gate_of(drafted.model_version.model, published_document()).passed
    assert gate_of(None, published_document()).rule_set == "1.1.0"


def unzipped(book: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
