"""What is at stake when a case is committed, and what it stands on."""

from decimal import Decimal

from approvals.selectors import decision_record
from tenants.actors import Actor
from tests.factories.valuefabric import stamped_case
from valuefabric.models import Customer
from valuefabric.selectors.approval_stakes import commit_evidence
from valuefabric.services.commitments import case_submit


def test_commitment_is_never_left_to_a_rule_and_names_its_money(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)
    request = case_submit(case=case, actor=seller)
    assert request.mode == "in"
    assert (request.risk["irreversible"], request.risk["audience"]) == (True, "customer")
    assert Decimal(request.risk["money"]) == Decimal(case.model_version.measures["pv_benefits"])
    assert request.risk["currency"] == case.model_version.measures["currency"]


def test_evidence_of_a_submitted_case_names_its_model_by_hash(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)
    request = case_submit(case=case, actor=seller)
    evidence = decision_record(seller, subject=case.reference).requests[0].evidence
    assert (evidence[0].kind, evidence[0].content_hash) == ("model", case.model_version.content_hash)
    assert evidence == commit_evidence(case.reference, request.content_hash)


def test_evidence_of_what_is_not_there_is_none(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)
    assert commit_evidence("case:nonsense", case.content_hash) == ()
    assert commit_evidence(case.reference, "sha256:" + "0" * 64) == ()
