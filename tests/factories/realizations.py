"""Commitments with telemetry, reports and proposals, made through the services: the published case and its eighteen months."""

from datetime import date

from tenants.actors import Actor
from tests.factories.valuefabric import DISCOVERY, approved, customer_make, education_pack, stamped_case
from valuefabric.models import Commitment, Customer, ExpansionProposal, RealizationReport
from valuefabric.services.commitments import case_commit
from valuefabric.services.realization import expansion_record, realization_record
from valuefabric.services.telemetry import telemetry_ingest

TELEMETRY = (DISCOVERY / "telemetry.csv").read_bytes()
STARTS_ON = date(2027, 1, 1)


def commitment_make(customer: Customer, seller: Actor, voters: tuple[Actor, ...]) -> Commitment:
    """The published case, committed from the first of January 2027."""
    case = stamped_case(customer, seller)
    return case_commit(case=case, approval=approved(case, seller, voters), actor=seller, starts_on=STARTS_ON)


def report_make(commitment: Commitment, seller: Actor) -> RealizationReport:
    """The report over the eighteen synthetic months."""
    telemetry_ingest(customer=commitment.customer, filename="telemetry.csv", content=TELEMETRY, actor=seller)
    return realization_record(commitment=commitment, actor=seller)


def measured_make(seller: Actor, voters: tuple[Actor, ...], name: str) -> RealizationReport:
    """Another customer with the published case, committed and measured."""
    return report_make(commitment_make(customer_make(seller, name=name), seller, voters), seller)


def proposal_make(report: RealizationReport, seller: Actor) -> ExpansionProposal:
    """What the pack's (illustrative) benchmarks propose."""
    return expansion_record(report=report, benchmarks=education_pack().benchmarks, actor=seller)
