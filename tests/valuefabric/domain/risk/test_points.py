"""Spider, two-way table and break-even: every figure is what the exact engine computes at that point."""

from decimal import Decimal

import pytest

from tests.factories.risk import document, retention
from valuefabric.domain.model import compute
from valuefabric.domain.risk.break_even import break_even
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.moves import move_of
from valuefabric.domain.risk.spider import spider
from valuefabric.domain.risk.two_way import two_way


def test_spider_moves_one_assumption_at_a_time() -> None:
    shares = (Decimal("-0.5"), Decimal(0), Decimal("0.2"))

    found = spider(retention(), shares=shares)

    base = 3 * 1_000_000 * 0.025 - 60_000
    assert {line.rows: line.npv for line in found.lines} == {
        ("revenue",): pytest.approx((base - 37_500, base, base + 15_000)),
        ("lift",): pytest.approx((base - 37_500, base, base + 15_000)),
        ("licence",): pytest.approx((base + 30_000, base, base - 12_000)),
    }
    assert found.lines[-1].rows == ("licence",)


def test_spider_of_too_many_points_is_refused() -> None:
    with pytest.raises(RiskError, match="3 inputs at 10000 shares are too many points"):
        spider(retention(), shares=[Decimal(1)] * 10_000)


def test_spider_has_nothing_to_say_without_figures() -> None:
    with pytest.raises(RiskError, match="nothing to move"):
        spider(document({"a": {"values": 0, "role": "benefit"}}))


def test_two_way_table_is_computed_at_every_pair() -> None:
    model = retention()
    lifts, revenues = (Decimal("0.01"), Decimal("0.04")), (Decimal(500_000), Decimal(2_000_000))

    for measure in ("npv", "roi_pct", "payback_months"):
        table = two_way(model, "lift", "revenue", measure=measure, first_figures=lifts, second_figures=revenues)
        for lift, cells in zip(lifts, table.cells, strict=True):
            for revenue, cell in zip(revenues, cells, strict=True):
                exact = compute(model, overrides={"lift": [lift] * 4, "revenue": [Decimal(0), *[revenue] * 3]}).measures
                value = getattr(exact, measure)
                assert cell == pytest.approx(float("nan") if value is None else float(value), nan_ok=True)


def test_two_way_table_steps_over_the_range_or_around_the_figure() -> None:
    table = two_way(retention(), "lift", "revenue")

    assert (table.rows[0], table.rows[-1], len(table.rows)) == (Decimal("0.01"), Decimal("0.05"), 7)
    assert (table.columns[0], table.columns[-1]) == (500_000, 1_500_000)


@pytest.mark.parametrize(
    ("pair", "message"),
    [(("lift", "lift"), "one assumption; a table needs two"), (("lift", "saved"), "'saved' is not an input of the model")],
)
def test_two_way_table_needs_two_inputs(pair: tuple[str, str], message: str) -> None:
    with pytest.raises(RiskError, match=message):
        two_way(retention(), *pair)


def test_move_keeps_the_proportion_of_the_periods() -> None:
    move = move_of(document({"a": {"values": [0, "0.04", "0.08"]}}, periods=3).row("a"))

    assert move.base == Decimal("0.08")
    assert move.figures(Decimal("0.1")) == (0, Decimal("0.05"), Decimal("0.1"))


def test_break_even_share_makes_the_case_worth_nothing() -> None:
    (found,) = break_even(retention())

    assert found.share == Decimal("0.8")
    scaled = {"lift": [Decimal("0.025") * found.share] * 4}
    assert compute(retention(), overrides=scaled).measures.npv == 0


def test_break_even_says_which_driver_the_case_can_do_without() -> None:
    rows = {
        "big": {"values": 100, "role": "benefit", "driver": "big"},
        "small": {"values": 10, "role": "benefit", "driver": "small"},
        "listed": {"values": 10, "role": "benefit", "driver": "listed"},
        "cost": {"values": 60, "role": "cost"},
    }
    drivers = {key: {"label": key, "impact": "cost", "counted": key != "listed"} for key in ("big", "small", "listed")}

    found = {one.driver: one.share for one in break_even(document(rows, drivers=drivers))}

    assert found == {"big": Decimal("0.5"), "small": Decimal(-4)}
