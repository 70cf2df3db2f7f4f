"""Overlaps: each rule by hand, and never more than the group may count."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings

from tests.factories.feature_models import feature_models
from valuefabric.domain.model import Computation, ModelDocument, compute

_LAST_DIGIT = Fraction(1, 10**32)


def model(overlap: dict[str, Any] | None, figures: dict[str, Any], **more: Any) -> ModelDocument:
    rows = {
        key: {"label": key.title(), "unit": "USD", "values": values, "role": "benefit", "driver": key}
        for key, values in figures.items()
    }
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": ["y1", "y2"],
            "drivers": {key: {"label": key, "impact": "cost"} for key in figures},
            "rows": {**rows, "budget": {"label": "Budget", "unit": "USD", "values": [90, -5]}},
            "overlaps": {"group": {"rows": list(figures), **overlap}} if overlap else {},
            **more,
        }
    )


def counted(computed: Computation) -> dict[str, list[Decimal]]:
    return {key: list(values) for key, values in computed.counted.items()}


def test_largest_counts_one_row_a_period_and_of_equal_ones_the_first() -> None:
    computed = compute(model({"rule": "largest"}, {"a": [60, 50], "b": [100, 50], "c": [99, 50]}))

    assert counted(computed) == {"a": [0, 50], "b": [100, 0], "c": [0, 0]}
    assert computed.benefits == (100, 50)
    assert [driver.total for driver in computed.drivers] == [50, 100, 0]


def test_share_counts_as_much_as_the_largest_and_divides_it() -> None:
    computed = compute(model({"rule": "share"}, {"a": [60, 0], "b": [100, 0], "c": [40, 8]}))

    assert counted(computed) == {"a": [30, 0], "b": [50, 0], "c": [20, 8]}
    assert computed.benefits == (100, 8)


def test_cap_cuts_all_in_proportion_above_a_row() -> None:
    computed = compute(model({"rule": "cap", "cap": "budget"}, {"a": [60, 10], "b": [120, 20]}))

    assert counted(computed) == {"a": [30, 0], "b": [60, 0]}
    assert computed.benefits == (90, 0)


def test_a_cap_that_is_not_reached_changes_nothing() -> None:
    computed = compute(model({"rule": "cap", "cap": "budget"}, {"a": [10, -5], "b": [20, -1]}))

    assert counted(computed) == {"a": [10, -5], "b": [20, -1]}


@pytest.mark.parametrize("rule", ["largest", "share"])
def test_losses_are_not_divided(rule: str) -> None:
    computed = compute(model({"rule": rule}, {"a": [-10, -3], "b": [40, -2]}))

    assert counted(computed) == {"a": [0, 0], "b": [40, -2]}


def test_the_rows_themselves_stay_as_they_are() -> None:
    computed = compute(model({"rule": "largest"}, {"a": [60, 50], "b": [100, 50]}))

    assert computed.rows["a"].values == (60, 50)
    assert set(computed.rows) == {"a", "b", "budget"}


def test_what_counts_is_after_risk_adjustment() -> None:
    document = model({"rule": "largest"}, {"a": 100, "b": 90})
    rows = tuple(row.model_copy(update={"risk_adjustment": Decimal("0.2")}) if row.key == "a" else row for row in document.rows)

    assert counted(compute(document.model_copy(update={"rows": rows}))) == {"a": [0, 0], "b": [90, 90]}


def test_a_share_of_all_benefits_comes_after_the_overlap() -> None:
    computed = compute(model({"rule": "cap", "cap": "budget"}, {"a": [60, 0], "b": [120, 0]}, benefits_at="50%"))

    assert counted(computed) == {"a": [15, 0], "b": [30, 0]}
    assert computed.benefits == (45, 0)


@settings(max_examples=60, deadline=None)
@given(document=feature_models())
def test_a_group_never_counts_more_than_its_rule_lets_it(document: ModelDocument) -> None:
    assume(document.overlaps)
    [overlap] = document.overlaps
    computed = compute(document.model_copy(update={"benefits_at": None}))

    for period in range(len(document.periods)):
        own = [Fraction(computed.rows[key].values[period]) for key in overlap.rows]
        most = max(own) if overlap.cap is None else min(max(Fraction(computed.rows[overlap.cap].values[period]), 0), sum(own))
        found = sum(Fraction(computed.counted[key][period]) for key in overlap.rows)
        assert abs(found - most) <= abs(most) * _LAST_DIGIT
        assert found <= sum(own) * (1 + _LAST_DIGIT)
