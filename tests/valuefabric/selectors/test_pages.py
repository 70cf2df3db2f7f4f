from datetime import date
from decimal import Decimal

import pytest
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import (
    DISCOVERY,
    NARRATIVE,
    approved,
    case_make,
    education_pack,
    model_make,
    stamped_case,
    tree_draft,
)
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import Customer, ModelVersion
from valuefabric.selectors.cell_source import CellError, cell_source
from valuefabric.selectors.integrity_pages import integrity_panel, mend_of
from valuefabric.selectors.model_table import model_table
from valuefabric.selectors.realization_pages import expansion_page, realization_page
from valuefabric.selectors.tree_pages import value_tree
from valuefabric.services.commitments import case_commit
from valuefabric.services.realization import expansion_record, realization_record
from valuefabric.services.reviews import case_review
from valuefabric.services.telemetry import telemetry_ingest
from valuefabric.services.value_models import model_row_update
from valuefabric.services.value_tree import value_tree_record

Voters = tuple[Actor, Actor]

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def version(acme: Tenant, kept_customer: Customer, seller: Actor) -> ModelVersion:
    """The published model, saved."""
    with tenant_context(acme):
        return model_make(kept_customer, seller)


def whole_lifecycle(customer: Customer, seller: Actor, voters: Voters) -> None:
    case = stamped_case(customer, seller)
    commitment = case_commit(case=case, approval=approved(case, seller, voters), actor=seller, starts_on=date(2027, 1, 1))
    content = (DISCOVERY / "telemetry.csv").read_bytes()
    telemetry_ingest(customer=customer, filename="telemetry.csv", content=content, actor=seller)
    report = realization_record(commitment=commitment, actor=seller)
    expansion_record(report=report, benchmarks=education_pack().benchmarks, actor=seller)


def test_pages_after_the_whole_lifecycle(customer: Customer, seller: Actor, voters: Voters) -> None:
    whole_lifecycle(customer, seller, voters)
    customer.refresh_from_db()

    realization = realization_page(customer)
    assert realization.synthetic
    assert [(source.kpi, source.count) for source in realization.telemetry] == [
        ("retention_lift_among_users", 18),
        ("share_of_customers_offered", 18),
        ("spending_lift_among_users", 18),
        ("utilization", 18),
    ]
    assert realization.result is not None
    assert realization.result.months == 18

    expansion = expansion_page(customer)
    assert expansion.result is not None
    assert expansion.result.gaps


def test_pages_of_a_new_customer_are_empty(customer: Customer) -> None:
    assert realization_page(customer).report is None
    assert expansion_page(customer).proposal is None
    assert value_tree(customer).objectives == ()


def test_model_table_has_rows_by_driver_with_words_and_sources(version: ModelVersion) -> None:
    table = model_table(version)

    assert [(group.key, group.counted, round(group.pv)) for group in table.drivers] == [
        ("retention", True, 10_041_989),
        ("spending", True, 6_675_324),
        ("support", False, 0),
    ]
    assert [label for _key, label in table.periods] == ["Year 1", "Year 2", "Year 3"]
    rows = {row.key: row for group in table.drivers for row in group.rows}
    assert rows["A4"].source_kind == "evidence"
    assert rows["A5"].source_kind == "computed"
    assert [cell.displayed for cell in rows["A6"].cells] == [Decimal(0), Decimal(44_000_000), Decimal(90_828_000)]
    assert [cell.displayed for cell in rows["Btr"].cells] == [Decimal(1_563_513), Decimal(3_260_364), Decimal(3_406_606)]


def test_every_cell_of_the_model_has_a_source(version: ModelVersion, seller: Actor) -> None:
    """Promise 1: one click shows where a figure comes from, for every figure there is."""
    table = model_table(version)

    for group in table.drivers:
        for row in group.rows:
            source = cell_source(version, row.cells[0].name)
            assert source.kind != "none"
            assert source.quotation or source.made_of, row.key


def test_source_of_an_input_shows_quotation_document_person_and_dependents(version: ModelVersion, seller: Actor) -> None:
    source = cell_source(version, "A4.y1")

    assert source.quotation is not None
    assert "22.2" in source.quotation.text
    evidence = source.quotation.evidence
    assert evidence.text[source.quotation.start : source.quotation.end] == source.quotation.text
    assert source.quotation.added_by == "Sam Seller"
    assert source.quotation.locator
    assert source.confidence == "medium"
    names = [cell.name for cell in source.dependents]
    assert names[:3] == ["A5.y1", "A6.y1", "At.y1"]
    assert names[-2:] == ["driver.retention.pv", "driver.spending.pv"]
    assert [(change.number, change.by) for change in source.history] == [(1, "Sam Seller")]


def test_source_of_an_edited_row_shows_its_history(version: ModelVersion, seller: Actor) -> None:
    update = model_row_update(model=version.model, row="A4", confidence="low", reason="one cohort", actor=seller)
    model_row_update(model=version.model, row="A7", note="asked finance", reason="note", actor=seller)

    history = cell_source(update.version, "A4").history

    assert [(change.number, change.reason) for change in history] == [(2, "one cohort"), (1, "built from evidence")]
    assert "medium" in history[0].before
    assert "low" in history[0].after


def test_source_of_a_measure_names_what_it_is_made_of(version: ModelVersion, seller: Actor) -> None:
    npv, driver = cell_source(version, "measure.npv"), cell_source(version, "driver.retention.pv")

    assert round(npv.value) == 15_681_125
    assert [cell.name for cell in npv.made_of] == ["driver.retention.pv", "driver.spending.pv", "price"]
    assert [cell.name for cell in driver.made_of] == ["Atr"]


@pytest.mark.parametrize("cell", ["Z9.y1", "A4.y9", "measure.nothing", "driver.nothing.pv", "", "x.y.z", "../../etc"])
def test_name_that_is_no_cell_is_refused(version: ModelVersion, seller: Actor, cell: str) -> None:
    with pytest.raises(CellError):
        cell_source(version, cell)


def test_integrity_panel_has_twelve_principles_and_the_stamp(customer: Customer, seller: Actor) -> None:
    case = stamped_case(customer, seller)

    panel = integrity_panel(case)

    assert [principle.number for principle in panel.principles] == list(range(1, 13))
    assert (panel.failed, panel.stamp_holds, panel.reviewer) == (0, True, "Sam Seller")
    assert panel.passed + panel.warned == 12


def test_integrity_panel_before_a_review_says_so(customer: Customer, seller: Actor) -> None:
    panel = integrity_panel(case_make(customer, seller))

    assert {principle.status for principle in panel.principles} == {"unreviewed"}
    assert (panel.review, panel.stamp_holds) == (None, False)


def test_integrity_panel_of_a_quarantined_case_offers_mends(customer: Customer, seller: Actor) -> None:
    case = case_make(customer, seller, narrative={**NARRATIVE, "risks": "We guarantee that the effect holds."})
    review = case_review(case=case, actor=seller)

    panel = integrity_panel(case)

    twelfth = panel.principles[11]
    assert twelfth.status == "failed"
    assert twelfth.results[0].status == "failed"
    offered = [result for principle in panel.principles for result in principle.results if result.mend]
    assert offered
    assert mend_of(review, offered[0].number) == offered[0].mend
    assert mend_of(review, 999) is None


def test_value_tree_is_worth_its_counted_impacts(
    version: ModelVersion, customer: Customer, seller: Actor, django_assert_max_num_queries: CaptureQueriesContext
) -> None:
    value_tree_record(customer=customer, draft=tree_draft(), actor=seller)

    with django_assert_max_num_queries(12):
        tree = value_tree(customer)

    assert round(tree.total) == 16_717_314
    objective = tree.objectives[0]
    assert (objective.kind, round(objective.value or 0)) == ("objective", 16_717_314)
    outcomes = objective.children[0].children
    worth = {view.node.key: None if view.value is None else round(view.value) for view in outcomes}
    assert worth["outcome-retention_lift_overall"] == 10_041_989
    assert worth["outcome-how_to_tickets"] is None
