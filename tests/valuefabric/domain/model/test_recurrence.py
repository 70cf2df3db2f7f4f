"""Growth against its closed form, and amounts that fall once or again and again."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.recurrence import Escalation, Timing, timing_factors, years_of_growth

PERIODS = ("y0", "y1", "y2", "y3")


def grown(escalation: Any, *, months: int = 12, initial: str = "none", periods: tuple[str, ...] = PERIODS) -> list[Decimal]:
    document = ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1", "months_per_period": months, "initial_period": initial},
            "periods": periods,
            "rows": {
                "a": {"label": "a", "unit": "USD", "values": 100, "escalation": escalation},
                "wages": {"label": "wages", "unit": "percent", "values": "5%"},
            },
        }
    )
    return list(compute(document).rows["a"].values)


def test_growth_of_a_rate_a_year() -> None:
    assert grown("3%") == [100, 103, Decimal("106.09"), Decimal("109.2727")]


def test_growth_begins_after_the_period_since() -> None:
    assert grown({"rate": "10%", "since": "y2"}) == [100, 100, 100, 110]


def test_the_first_period_after_an_initial_column_has_the_figures_as_written() -> None:
    assert grown("10%", initial="undiscounted") == [100, 100, 110, 121]


def test_growth_at_the_rate_of_a_row() -> None:
    assert grown("wages") == [100, 105, Decimal("110.25"), Decimal("115.7625")]


def test_yearly_steps_raise_once_a_year() -> None:
    quarters = tuple(f"q{number}" for number in range(1, 10))

    assert grown({"rate": "10%", "steps": "yearly"}, months=3, periods=quarters) == [100] * 4 + [110] * 4 + [121]


@given(rate=st.decimals("-0.5", "2", places=3), months=st.sampled_from([1, 3, 6, 12]))
def test_growth_meets_its_closed_form(rate: Decimal, months: int) -> None:
    """After as many periods as make a year, the figure is (1 + rate) times what it was."""
    a_year = 12 // months
    periods = tuple(f"p{number}" for number in range(a_year + 1))

    found = grown({"rate": str(rate)}, months=months, periods=periods)

    assert found[-1] == pytest.approx(100 * (1 + rate), rel=Decimal("1e-30"))
    assert found[1] == pytest.approx(100 * (1 + rate) ** (Decimal(months) / 12), rel=Decimal("1e-25"))


def test_years_of_growth_are_never_below_zero() -> None:
    escalation = Escalation(rate=Decimal(0), since="y3")

    assert years_of_growth(escalation, PERIODS, months=12, initial=False) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({"once": "y2"}, [0, 0, 1, 0]),
        ({"every": 1}, [1, 1, 1, 1]),
        ({"every": 2}, [1, 0, 1, 0]),
        ({"every": 2, "first": "y1"}, [0, 1, 0, 1]),
        ({"every": 1, "first": "y1", "last": "y2"}, [0, 1, 1, 0]),
    ],
)
def test_timing(timing: dict[str, Any], expected: list[int]) -> None:
    assert list(timing_factors(Timing.model_validate(timing), PERIODS)) == expected


@pytest.mark.parametrize("timing", [{}, {"once": "y1", "every": 2}, {"once": "y1", "first": "y0"}, {"every": 0}])
def test_a_timing_that_makes_no_sense_is_refused(timing: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Timing.model_validate(timing)


@pytest.mark.parametrize("rate", ["-100%", "-2", "11", "1e9"])
def test_growth_beyond_reason_is_refused(rate: str) -> None:
    with pytest.raises(ValidationError, match="above -100 %"):
        Escalation.model_validate({"rate": rate})
