"""Gaps against benchmarks: sized by the engine, ranked, and no figure where nobody has one."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.expansion import BenchmarkError, ExpansionResult, find_gaps, proposal_document
from valuefabric.domain.model import Driver, ModelDocument, compute, load_model
from valuefabric.domain.realization import RealizationResult, TelemetryPoint, attainment

TESTS = Path(__file__).parents[2]


@dataclass(frozen=True)
class Benchmark:
    kpi: str
    low: Decimal
    median: Decimal
    high: Decimal
    unit: str = "percent"
    citation: str = "Illustrative figure"
    demo: bool = True


def benchmark(kpi: str, low: int, median: int, high: int, unit: str = "percent") -> Benchmark:
    return Benchmark(kpi, Decimal(low), Decimal(median), Decimal(high), unit)


BENCHMARKS = [
    benchmark("utilization", 35, 50, 65),
    benchmark("share_of_customers_offered", 40, 70, 90),
    benchmark("retention_lift_among_users", 8, 15, 25),
    benchmark("spending_lift_among_users", 3, 6, 7),
    benchmark("nps", 1, 2, 3),
]


@pytest.fixture(scope="module")
def document() -> ModelDocument:
    loaded = load_model((TESTS / "cases" / "intellum.yaml").read_text())
    support = Driver(
        key="support",
        label="Fewer support tickets",
        impact="cost",
        kpi="how-to tickets",
        counted=False,
        note="Nobody measured it.",
    )
    return loaded.model_copy(update={"drivers": (*loaded.drivers, support)})


@pytest.fixture(scope="module")
def realization(document: ModelDocument) -> RealizationResult:
    with (TESTS / "data" / "intellum_discovery" / "telemetry.csv").open(newline="") as file:
        points = [TelemetryPoint.model_validate(line) for line in csv.DictReader(file)]
    return attainment(document, compute(document), points, as_of=date(2028, 6, 30), starts_on=date(2027, 1, 1))


@pytest.fixture(scope="module")
def expansion(document: ModelDocument, realization: RealizationResult) -> ExpansionResult:
    return find_gaps(document, BENCHMARKS, realization=realization)


def test_gaps_are_ranked_by_present_value_with_stretches_last(expansion: ExpansionResult) -> None:
    assert [(gap.kpi, gap.position, gap.stretch) for gap in expansion.gaps] == [
        ("share_of_customers_offered", "below_median", False),
        ("utilization", "below_median", False),
        ("retention_lift_among_users", "below_high", True),
    ]


def test_the_current_figure_is_the_mean_of_the_last_three_months(expansion: ExpansionResult) -> None:
    share = expansion.gaps[0]
    assert (share.current, share.basis, share.target) == (Decimal("0.579"), "measured", Decimal("0.70"))


def test_a_gap_is_worth_what_the_engine_computes(document: ModelDocument, expansion: ExpansionResult) -> None:
    now = {
        "A2": Decimal("0.579"),
        "A3": Decimal("1.3757") / 3,  # (44.78 + 45.91 + 46.88) / 3
        "A4": Decimal("0.6096") / 3,
        "B4": Decimal("0.2231") / 3,
    }
    before = compute(document, overrides={key: [value] * 3 for key, value in now.items()})
    after = compute(document, overrides={key: [value] * 3 for key, value in (now | {"A2": Decimal("0.70")}).items()})
    gap = expansion.gaps[0]
    assert round(gap.pv, 6) == round(after.measures.npv - before.measures.npv, 6)
    assert round(gap.pv, 2) == Decimal("2822288.94")
    assert gap.total == Decimal("3523406.40")
    assert [uplift.driver for uplift in gap.drivers] == ["retention", "spending"]
    assert sum(uplift.total for uplift in gap.drivers) == gap.total


def test_together_is_computed_once_and_is_not_the_sum(expansion: ExpansionResult) -> None:
    single = sum(gap.pv for gap in expansion.gaps if not gap.stretch)
    assert round(expansion.together_pv, 2) == Decimal("4351941.45")
    assert expansion.together_pv > single


def test_the_sentence_has_the_computed_figures(expansion: ExpansionResult) -> None:
    assert expansion.gaps[0].sentence.text == (
        "Share of customers offered education is 57.9 % (measured); its benchmark's median is 70.0 %. Closing this gap alone is"
        " worth USD 2,822,289 of present value over one more term."
    )


def test_benchmarks_keep_their_citation_and_their_mark(expansion: ExpansionResult) -> None:
    assert {(gap.citation, gap.demo) for gap in expansion.gaps} == {("Illustrative figure", True)}


def test_a_kpi_at_the_high_end_is_no_gap(expansion: ExpansionResult) -> None:
    assert "spending_lift_among_users" not in {gap.kpi for gap in expansion.gaps}


def test_benchmarks_without_a_row_are_told(expansion: ExpansionResult) -> None:
    assert expansion.unused == ("nps",)


def test_an_unmeasured_driver_is_proposed_without_any_number(expansion: ExpansionResult) -> None:
    (support,) = expansion.uncounted
    assert (support.driver, support.kpi) == ("support", "how-to tickets")
    assert support.sentence.text == (
        "Fewer support tickets is listed and not counted. Nobody measured it. Measure how-to tickets next, before and after, to"
        " make a case of it."
    )
    assert not any(character.isdigit() for character in support.sentence.text)


def test_without_telemetry_the_committed_figures_are_compared(document: ModelDocument) -> None:
    gaps = find_gaps(document, [benchmark("utilization", 35, 60, 65)]).gaps
    assert [(gap.basis, gap.current, gap.target) for gap in gaps] == [("committed", Decimal("0.511"), Decimal("0.60"))]


def test_rows_of_one_kpi_move_together(document: ModelDocument) -> None:
    (gap,) = find_gaps(document, [benchmark("operating_margin", 10, 15, 20)]).gaps
    assert gap.rows == ("A7", "B6")
    changed = compute(document, overrides={"A7": [Decimal("0.15")] * 3, "B6": [Decimal("0.15")] * 3})
    assert round(gap.pv, 9) == round(changed.measures.npv - compute(document).measures.npv, 9)


def test_where_less_is_better_a_gap_lies_above_the_median() -> None:
    rows = {
        "minutes": {"label": "Minutes per ticket", "unit": "minutes/ticket", "values": 12, "better": "lower"},
        "tickets": {"label": "Tickets", "unit": "tickets", "values": 1000},
        "wage": {"label": "Wage", "unit": "USD/minute", "values": 1},
        "cost": {"label": "Cost", "unit": "USD", "formula": "minutes * tickets * wage", "role": "cost"},
    }
    plain = {"id": "t", "title": "t", "currency": "USD", "conventions": {"discount_rate": 0}, "periods": ["y1"], "rows": rows}
    (gap,) = find_gaps(ModelDocument.model_validate(plain), [benchmark("minutes", 6, 9, 15, "minutes/ticket")]).gaps
    assert (gap.position, gap.target, gap.pv, gap.total) == ("below_median", 9, 3000, 3000)


def test_a_benchmark_in_another_unit_is_refused(document: ModelDocument) -> None:
    with pytest.raises(BenchmarkError, match="benchmark of utilization comes in 'hours'"):
        find_gaps(document, [benchmark("utilization", 1, 2, 3, "hours")])


def test_the_result_survives_json(expansion: ExpansionResult) -> None:
    assert ExpansionResult.model_validate_json(expansion.model_dump_json()) == expansion


def test_the_next_case_is_a_model_with_sources(
    document: ModelDocument, expansion: ExpansionResult, realization: RealizationResult
) -> None:
    proposal = proposal_document(document, expansion, realization)
    share, lift = proposal.row("A2"), proposal.row("A4")
    assert (share.low, share.values, share.high) == ((Decimal("0.579"),) * 3, (Decimal("0.7"),) * 3, (Decimal("0.9"),) * 3)
    assert share.source is not None
    assert (share.source.kind, share.confidence) == ("benchmark", "low")
    assert lift.values == (Decimal("0.2032"),) * 3
    assert lift.source is not None
    assert lift.source.reference == "telemetry of retention_lift_among_users, mean of the last three months through 2028-06"
    assert proposal.expected is None
    assert round(compute(proposal).measures.npv, 2) == Decimal("17620926.88")


def test_the_next_case_without_telemetry_changes_only_the_gaps(document: ModelDocument) -> None:
    expansion = find_gaps(document, [benchmark("utilization", 35, 60, 65)])
    proposal = proposal_document(document, expansion)
    changed = [row.key for row in proposal.rows if row != document.row(row.key)]
    assert changed == ["A3"]
