"""What nothing costs, and what later costs: against closed forms and by hand."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.waiting import cost_of_delay, cost_of_doing_nothing

ROWS: dict[str, Any] = {
    "saved": {"role": "benefit", "driver": "support", "values": [0, 1100, 1210]},
    "sold": {"role": "benefit", "driver": "sales", "values": [0, 110, 0]},
    "more": {"role": "benefit", "values": [0, 0, 121]},
    "idea": {"role": "benefit", "driver": "later", "values": 9_999},
    "fee": {"role": "cost", "values": [500, 110, 121]},
}


def model(**more: Any) -> ModelDocument:
    drivers = {
        "support": {"label": "Support", "impact": "cost"},
        "sales": {"label": "Sales", "impact": "revenue"},
        "later": {"label": "Later", "impact": "risk", "counted": False},
    }
    conventions = {"discount_rate": "0.10", "initial_period": "undiscounted", **more.pop("conventions", {})}
    plain = {"id": "t", "title": "t", "currency": "USD", "periods": ["initial", "y1", "y2"], "drivers": drivers}
    rows = {key: {"label": key, "unit": "USD", **row} for key, row in ROWS.items()}
    return ModelDocument.model_validate({**plain, "conventions": conventions, "rows": rows, **more})


def test_doing_nothing_costs_every_benefit_that_counts() -> None:
    found = cost_of_doing_nothing(model())

    assert found.periods == (0, 1210, 1331)
    assert found.total == 2541
    assert found.pv == 2200
    assert found.a_month == pytest.approx(Decimal("105.875"))
    assert found.impacts == {"cost": 2000, "revenue": 100, "": 100}


def test_doing_nothing_in_a_scenario() -> None:
    found = cost_of_doing_nothing(model(), scenario="half_benefits")

    assert found.pv == 1100
    assert found.impacts == {"cost": 1000, "revenue": 50, "": 50}


def test_a_delay_of_a_year_divides_by_a_years_growth() -> None:
    found = cost_of_delay(model(), 12)

    assert found.npv_now == 2200 - 700
    assert found.npv_later == pytest.approx(1500 / Decimal("1.1"), rel=Decimal("1e-30"))
    assert found.cost == found.by_time == pytest.approx(Decimal("136.3636363636363636363636363636364"), rel=Decimal("1e-30"))
    assert found.by_term == 0


def test_a_fixed_end_costs_what_falls_beyond_it() -> None:
    """A year later: the start's 500, and the first year's 1,100 in the second; the second year is lost."""
    found = cost_of_delay(model(), 12, term="fixed")

    assert found.npv_later == pytest.approx((1000 - 500) / Decimal("1.1"), rel=Decimal("1e-30"))
    assert found.cost == pytest.approx(found.by_time + found.by_term, rel=Decimal("1e-30"))
    assert found.by_term == pytest.approx(1000 / Decimal("1.1"), rel=Decimal("1e-30"))


def test_of_a_period_that_would_reach_beyond_the_end_the_part_before_counts() -> None:
    """Three months later, 9 of the 12 months of the second year's 1,210 are left."""
    growth = Decimal("1.1") ** Decimal("0.25")
    found = cost_of_delay(model(), 3, term="fixed")

    assert found.npv_later == pytest.approx((-500 + 1000 + 1000 * Decimal("0.75")) / growth, rel=Decimal("1e-25"))


def test_a_delay_beyond_the_term_leaves_nothing() -> None:
    assert cost_of_delay(model(), 25, term="fixed").npv_later == 0


@pytest.mark.parametrize("months", [-1, 1_201])
def test_a_delay_beyond_reason_is_refused(months: int) -> None:
    with pytest.raises(ValueError, match="a delay is 0 to 1200 months"):
        cost_of_delay(model(), months)


@given(months=st.integers(0, 120), rate=st.decimals("0", "1", places=2))
def test_a_moving_term_meets_its_closed_form(months: int, rate: Decimal) -> None:
    document = model(conventions={"discount_rate": rate})
    now = compute(document).measures.npv

    found = cost_of_delay(document, months)

    assert found.npv_later == pytest.approx(now / (1 + rate) ** (Decimal(months) / 12), rel=Decimal("1e-25"))
    assert found.cost == pytest.approx(now - found.npv_later, rel=Decimal("1e-25"), abs=Decimal("1e-20"))


@given(first=st.integers(0, 36), second=st.integers(0, 36))
def test_no_delay_costs_nothing_and_a_longer_one_more(first: int, second: int) -> None:
    shorter, longer = sorted((first, second))
    document = model(conventions={"initial_period": "none"})

    assert cost_of_delay(document, 0, term="fixed").cost == 0
    assert cost_of_delay(document, shorter).cost <= cost_of_delay(document, longer).cost
