"""Dates of periods, the contract's term, and what people call a period."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from valuefabric.domain.model import FormulaError, ModelDocument, compute
from valuefabric.domain.model.timeline import PeriodDates, Timeline, day_number


def model(timeline: dict[str, Any] | None, rows: dict[str, Any] | None = None, **more: Any) -> ModelDocument:
    plain = {
        "id": "t",
        "title": "t",
        "currency": "USD",
        "conventions": {"discount_rate": "0.10", **more.pop("conventions", {})},
        "periods": ["y1", "y2", "y3"],
        "rows": {"a": {"label": "a", "unit": "USD", "role": "benefit", "values": 120, **(rows or {})}},
    }
    return ModelDocument.model_validate({**plain, "timeline": timeline, **more})


def test_dates_of_years() -> None:
    assert model({"start": "2026-04"}).dates == (
        PeriodDates(date(2026, 4, 1), date(2027, 3, 31), date(2027, 4, 1)),
        PeriodDates(date(2027, 4, 1), date(2028, 3, 31), date(2028, 4, 1)),
        PeriodDates(date(2028, 4, 1), date(2029, 3, 31), date(2029, 4, 1)),
    )


def test_an_initial_column_is_the_day_of_the_start_and_a_flow_of_the_middle_falls_half_way() -> None:
    dates = model({"start": "2026-01"}, conventions={"initial_period": "undiscounted", "discounting": "mid_year"}).dates

    assert dates[0] == PeriodDates(date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1))
    assert dates[1] == PeriodDates(date(2026, 1, 1), date(2026, 12, 31), date(2026, 7, 2))


def test_a_model_without_a_start_has_no_dates() -> None:
    assert model(None).dates == ()
    assert model({"contract": {"months": 12}}).dates == ()


def test_a_day_has_the_number_that_spreadsheets_give_it() -> None:
    assert day_number(date(2026, 1, 1)) == 46023


def test_dated_functions_see_the_days_on_which_flows_fall() -> None:
    """120 each after 365, 730 and 1,096 days (2028 is a leap year), from the first of them on."""
    rows = {"x": {"label": "x", "unit": "USD", "formula": "xnpv(10%, a)"}}
    base = model({"start": "2026-01"})
    plain = base.model_dump()

    document = ModelDocument.model_validate({**plain, "rows": [*plain["rows"], {"key": "x", **rows["x"]}]})

    expected = sum(Decimal(120) / Decimal("1.1") ** (Decimal(days) / 365) for days in (0, 365, 731))
    assert compute(document).rows["x"].values[0] == pytest.approx(expected, rel=Decimal("1e-20"))


def test_dated_functions_without_dates_are_refused() -> None:
    plain = model(None).model_dump()
    document = ModelDocument.model_validate(
        {**plain, "rows": [*plain["rows"], {"key": "x", "label": "x", "unit": "USD", "formula": "xnpv(10%, a)"}]}
    )

    with pytest.raises(FormulaError, match="the model has no dates"):
        compute(document)


@pytest.mark.parametrize(
    ("months", "timeline", "labels"),
    [
        (12, {"start": "2026-01"}, ["2026", "2027", "2028"]),
        (12, {"start": "2026-07"}, ["FY 2026/27", "FY 2027/28", "FY 2028/29"]),
        (3, {"start": "2026-07"}, ["Q3 2026", "Q4 2026", "Q1 2027"]),
        (3, {"start": "2026-07", "fiscal_year_start": 4}, ["Q2 FY 2026/27", "Q3 FY 2026/27", "Q4 FY 2026/27"]),
        (3, {"start": "2026-02"}, ["Feb 2026 to Apr 2026", "May 2026 to Jul 2026", "Aug 2026 to Oct 2026"]),
        (1, {"start": "2026-11"}, ["Nov 2026", "Dec 2026", "Jan 2027"]),
        (12, {"contract": {"months": 12}}, ["Year 1", "Year 2", "Year 3"]),
    ],
)
def test_periods_are_called_by_their_dates(months: int, timeline: dict[str, Any], labels: list[str]) -> None:
    document = model(timeline, conventions={"months_per_period": months})

    assert [document.label_of(period) for period in document.periods] == labels


def test_a_label_of_ones_own_comes_first() -> None:
    assert model({"start": "2026-01"}, period_labels={"y1": "Pilot"}).label_of("y1") == "Pilot"


@pytest.mark.parametrize(
    ("timeline", "expected"),
    [
        ({"contract": {"months": 30}}, [120, 120, 60]),
        ({"contract": {"months": 12, "first_month": 7}}, [60, 60, 0]),
        ({"start": "2026-01", "contract": {"months": 18, "start": "2026-10"}}, [30, 120, 30]),
    ],
)
def test_flows_outside_the_contract_are_zero(timeline: dict[str, Any], expected: list[int]) -> None:
    document = model(timeline)

    assert list(compute(document).rows["a"].values) == expected


def test_an_amount_at_once_is_never_cut_but_may_be_outside() -> None:
    timeline = {"contract": {"months": 18}}

    assert list(compute(model(timeline, {"timing": {"once": "y2"}})).rows["a"].values) == [0, 120, 0]
    assert list(compute(model(timeline, {"timing": {"once": "y3"}})).rows["a"].values) == [0, 0, 0]


def test_a_row_may_lie_outside_the_contract_and_one_without_a_role_knows_of_none() -> None:
    timeline = {"contract": {"months": 12}}

    assert list(compute(model(timeline, {"outside_contract": True})).rows["a"].values) == [120, 120, 120]
    assert list(compute(model(timeline, {"role": None})).rows["a"].values) == [120, 120, 120]


@pytest.mark.parametrize(
    ("timeline", "words"),
    [
        ({"start": "2026-13"}, "'2026-13' is not a month; write it like 2026-01"),
        ({"start": "0000-01"}, "is not a month"),
        ({"fiscal_year_start": 4}, "write start: 2026-01"),
        ({"contract": {"months": 12, "start": "2026-01"}}, "write start: 2026-01"),
        ({"start": "2026-01", "contract": {"months": 12, "start": "2025-12"}}, "begins before the model"),
        ({"start": "2026-01", "contract": {"months": 12, "start": "2026-01", "first_month": 1}}, "drop one of them"),
    ],
)
def test_a_timeline_that_makes_no_sense_is_refused(timeline: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Timeline.model_validate(timeline)
