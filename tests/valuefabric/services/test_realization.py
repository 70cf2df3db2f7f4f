from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django_tenants.utils import tenant_context

from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import DISCOVERY, approved, education_pack, stamped_case
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import Commitment, Customer, ExpansionProposal, RealizationReport
from valuefabric.models.states import IllegalTransition
from valuefabric.selectors.realization import result_of
from valuefabric.services.commitments import case_commit, commitment_reverse
from valuefabric.services.realization import (
    CommitmentOver,
    NothingMeasured,
    expansion_decide,
    expansion_record,
    expansion_withdraw,
    realization_record,
)
from valuefabric.services.telemetry import TelemetryRefused, telemetry_ingest

pytestmark = pytest.mark.usefixtures("in_acme")

FILE = (DISCOVERY / "telemetry.csv").read_bytes()


@pytest.fixture(scope="module")
def commitment(acme: Tenant, kept_customer: Customer, seller: Actor, voters: tuple[Actor, Actor]) -> Commitment:
    with tenant_context(acme):
        case = stamped_case(kept_customer, seller)
        return case_commit(case=case, approval=approved(case, seller, voters), actor=seller, starts_on=date(2027, 1, 1))


@pytest.fixture
def report(in_acme: Tenant, commitment: Commitment, customer: Customer, seller: Actor) -> RealizationReport:
    telemetry_ingest(customer=customer, filename="telemetry.csv", content=FILE, actor=seller)
    return realization_record(commitment=commitment, actor=seller)


def test_realization_is_computed_from_the_eighteen_months(report: RealizationReport, commitment: Commitment) -> None:
    result = result_of(report)

    assert (report.as_of, report.synthetic) == (date(2028, 6, 28), True)
    assert (result.months, result.term_months, result.currency) == (18, 36, "USD")
    assert [driver.key for driver in result.drivers] == ["retention", "spending", "support"]
    assert Decimal(0) < (result.attainment_pct or Decimal(0)) < Decimal(100)
    assert result.sentences
    event = OutboxEvent.objects.get(topic="value.realization.updated")
    assert (event.aggregate, event.data["as_of"]) == (commitment.reference, "2028-06-28")


def test_same_realization_again_is_the_same_report(report: RealizationReport, commitment: Commitment, seller: Actor) -> None:
    assert realization_record(commitment=commitment, actor=seller).pk == report.pk
    assert OutboxEvent.objects.filter(topic="value.realization.updated").count() == 1


def test_commitment_without_telemetry_has_no_report(commitment: Commitment, seller: Actor) -> None:
    with pytest.raises(NothingMeasured, match="Upload a file"):
        realization_record(commitment=commitment, actor=seller)

    assert RealizationReport.objects.count() == 0


def test_measurement_in_a_unit_that_would_stop_every_report_is_not_taken_in(
    commitment: Commitment, customer: Customer, seller: Actor
) -> None:
    bad = b"observed_at,kpi,value,unit,source_system\n2027-01-28,A4,9,USD,lms\n"

    with pytest.raises(TelemetryRefused, match="A4 is measured in 'percent'"):
        telemetry_ingest(customer=customer, filename="t.csv", content=bad, actor=seller)


def test_reversed_commitment_is_not_measured(report: RealizationReport, commitment: Commitment, seller: Actor) -> None:
    over = commitment_reverse(commitment=commitment, reason="rolled back", actor=seller)

    with pytest.raises(CommitmentOver):
        realization_record(commitment=over, actor=seller, as_of=date(2027, 6, 1))


def test_report_edited_by_sql_is_refused_by_the_database(report: RealizationReport) -> None:
    with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
        RealizationReport.objects.update(result={})


def test_expansion_finds_gaps_and_moves_the_customer_on(report: RealizationReport, customer: Customer, seller: Actor) -> None:
    proposal = expansion_record(report=report, benchmarks=education_pack().benchmarks, actor=seller)

    assert proposal.gaps
    assert all(gap["demo"] and "llustrative" in gap["citation"] for gap in proposal.gaps)
    assert Decimal(proposal.measures["npv"]) > 0
    assert Customer.objects.get(pk=customer.pk).stage == "expansion"
    event = OutboxEvent.objects.get(topic="value.expansion.triggered")
    assert event.data["gaps"] == len(proposal.gaps)
    assert expansion_record(report=report, benchmarks=education_pack().benchmarks, actor=seller).pk == proposal.pk


def test_accepted_expansion_becomes_a_model_of_its_own(report: RealizationReport, commitment: Commitment, seller: Actor) -> None:
    proposal = expansion_record(report=report, benchmarks=education_pack().benchmarks, actor=seller)

    accepted = expansion_decide(proposal=proposal, decision="accepted", actor=seller)

    assert accepted.accepted_model is not None
    assert accepted.accepted_model.pk != commitment.model_version.model_id
    assert accepted.accepted_model.versions.get().number == 1
    with pytest.raises(IllegalTransition):
        expansion_decide(proposal=proposal, decision="refused", actor=seller)


def test_withdrawn_expansion_moves_the_customer_back(report: RealizationReport, customer: Customer, seller: Actor) -> None:
    proposal = expansion_record(report=report, benchmarks=education_pack().benchmarks, actor=seller)

    expansion_withdraw(proposal=proposal, reason="rolled back", actor=seller)
    expansion_withdraw(proposal=proposal, reason="again", actor=seller)

    assert Customer.objects.get(pk=customer.pk).stage == "realization"
    assert ExpansionProposal.objects.get().state == "withdrawn"
    assert OutboxEvent.objects.filter(topic="value.expansion.decided").count() == 1


def test_viewer_records_nothing(commitment: Commitment, viewer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        realization_record(commitment=commitment, actor=viewer)
