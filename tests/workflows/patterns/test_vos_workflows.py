"""The workflows of the product that are made of patterns, on the demo's documents, with the deterministic methods."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from kernel.processes.models import Process
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.families import work
from tests.factories.job import ground_make
from tests.factories.valuefabric import case_make, customer_make, evidence_make
from valuefabric.models import Customer, Opportunity
from workflows.models import Execution
from workflows.patterns.library import patterns
from workflows.services import execution_start
from workflows.steps.functions import function_names


@pytest.fixture
def customer(in_acme: Tenant, seller: Actor) -> Customer:
    """A customer with call notes, a record and a sheet."""
    ground_make(in_acme)
    customer = customer_make(seller)
    evidence_make(customer, seller)
    return customer


def _run(name: str, customer: Customer, actor: Actor, **inputs: object) -> Execution:
    given = {"customer": str(customer.public_id), **inputs}
    execution = execution_start(definition=name, inputs=given, subject=customer.reference, actor=actor)
    return work(execution)


def test_every_pattern_is_used_by_a_workflow_of_the_product() -> None:
    # By the files: a pattern that fills a hole of another one becomes part of it.
    texts = [file.read_text() for file in files("workflows.definitions").iterdir() if file.name.endswith(".yaml")]
    assert set(patterns()) == {name for text in texts for name in re.findall(r"pattern: (\w+)", text)}


def test_driver_estimates_are_a_vote_of_three_agents_each_a_process_of_its_own(customer: Customer, seller: Actor) -> None:
    run = _run("driver_estimates", customer, seller)
    assert run.state == "completed"
    estimates = run.output["estimates"]
    assert run.output["count"] == 6
    assert {vote["voter"] for vote in estimates["utilization"]["votes"]} == {"evidence", "benchmark"}
    assert estimates["utilization"]["estimate"] == "0.511"
    assert run.output["disputed"] == [
        "retention_lift_among_users", "share_of_customers_offered", "spending_lift_among_users",
    ]  # fmt: skip
    assert estimates["retention_lift_among_users"]["by"] == "evidence"
    assert estimates["annual_revenue"]["silent"] == ["benchmark", "experience"]
    ran = Counter(Process.objects.values_list("agent", "state", "method"))
    voters = ("evidence_estimator", "benchmark_estimator", "peer_estimator")
    assert ran == {(f"agent:{voter}@1.0.0", "done", "deterministic"): 6 for voter in voters}


def test_voters_of_the_former_version_are_there_for_its_runs_under_way() -> None:
    """Version 1.0.0 had functions for voters, and a run keeps the version that it began with."""
    assert {"estimates.evidence", "estimates.benchmark", "estimates.experience"} <= set(function_names())


def test_account_research_concludes_round_by_round(customer: Customer, seller: Actor) -> None:
    run = _run("account_research", customer, seller)
    assert run.state == "completed"
    board = run.output["board"]
    topics = {entry["topic"] for entry in board.values()}
    assert topics == {"person", "pain", "figure", "driver", "next_step"}  # nothing is missing, so nobody is asked anything
    assert board["driver:retention"]["by"] == "drivers"
    assert board["next:driver:retention"]["text"].startswith("Show chief customer officer: ")
    assert all(entry["quotation"] for entry in board.values() if entry["topic"] in ("person", "pain", "figure"))
    assert (run.output["rounds"], run.output["quiet"]) == (4, True)


def test_intake_gives_a_document_to_who_can_do_something_with_it(customer: Customer, seller: Actor) -> None:
    notes, sheet = (customer.evidence.get(kind=kind) for kind in ("text", "csv"))
    run = _run("intake", customer, seller, evidence=str(notes.public_id))
    assert run.state == "completed"
    assert run.output["route"] == ["notes"]
    assert run.output["by"]["notes"]["hypotheses"] == Opportunity.objects.get().hypotheses.count()
    run = _run("intake", customer, seller, evidence=str(sheet.public_id))
    assert run.output["route"] == ["sheet"]
    assert {figure["input"] for figure in run.output["by"]["sheet"]["figures"]} >= {"annual_revenue", "operating_margin"}


def test_portfolio_review_computes_every_case_anew(in_acme: Tenant, seller: Actor) -> None:
    ground_make(in_acme)
    customer = customer_make(seller)
    case = case_make(customer, seller)
    run = work(execution_start(definition="portfolio_review", inputs={}, subject="", actor=seller))
    assert run.state == "completed"
    assert (run.output["cases"], run.output["states"], run.output["failed"]) == (1, {case.state: 1}, [])
    assert list(run.output["npv"]) == ["USD"]


def test_portfolio_without_cases_is_reviewed_at_once(in_acme: Tenant, seller: Actor) -> None:
    run = work(execution_start(definition="portfolio_review", inputs={}, subject="", actor=seller))
    assert (run.state, run.output["cases"]) == ("completed", 0)
