"""Flows by fiscal year, divided by months where a period lies in two."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.fiscal import by_fiscal_year


def model(timeline: dict[str, Any] | None, months: int = 12, **conventions: Any) -> ModelDocument:
    rows = {"gain": {"role": "benefit", "values": [0, 1200, 2400]}, "fee": {"role": "cost", "values": [600, 120, 120]}}
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1", "months_per_period": months, **conventions},
            "periods": ["p0", "p1", "p2"],
            "timeline": timeline,
            "rows": {key: {"label": key, "unit": "USD", **row} for key, row in rows.items()},
        }
    )


def years(document: ModelDocument) -> list[tuple[Any, ...]]:
    return [(one.label, one.months, one.benefits, one.costs, one.net) for one in by_fiscal_year(document, compute(document))]


def test_years_that_begin_with_the_model_are_its_periods() -> None:
    document = model({"start": "2026-01"}, initial_period="undiscounted")

    assert years(document) == [("2026", 12, 1200, 720, 480), ("2027", 12, 2400, 120, 2280)]


def test_a_period_in_two_years_is_divided_by_its_months() -> None:
    """From October: 6 months of each of the model's years lie in a year that begins with April."""
    document = model({"start": "2026-10", "fiscal_year_start": 4})

    assert years(document) == [
        ("FY 2026/27", 6, 0, 300, -300),
        ("FY 2027/28", 12, 600, 360, 240),
        ("FY 2028/29", 12, 1800, 120, 1680),
        ("FY 2029/30", 6, 1200, 60, 1140),
    ]


def test_quarters_are_gathered() -> None:
    document = model({"start": "2026-07"}, 3)

    assert years(document) == [("2026", 6, 1200, 720, 480), ("2027", 3, 2400, 120, 2280)]


@given(start=st.integers(1, 12), first=st.integers(1, 12), months=st.sampled_from([1, 3, 12]))
def test_nothing_is_lost_between_the_years(start: int, first: int, months: int) -> None:
    document = model({"start": f"2026-{start:02d}", "fiscal_year_start": first}, months)
    computed = compute(document)

    found = by_fiscal_year(document, computed)

    assert sum(one.benefits for one in found) == pytest.approx(sum(computed.benefits))
    assert sum(one.costs for one in found) == pytest.approx(sum(computed.costs))
    assert sum(one.months for one in found) == 3 * months


def test_a_model_without_dates_has_no_fiscal_years() -> None:
    with pytest.raises(ValueError, match="write timeline: {start: 2026-01}"):
        years(model(None))
