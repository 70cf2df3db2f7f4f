"""What a document may declare about an input's spread, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from valuefabric.domain.risk.distribution import Correlation, Distribution, Normal, Pert, check_correlations

declared = TypeAdapter(Distribution)


def test_kind_chooses_the_distribution() -> None:
    assert declared.validate_python({"kind": "pert"}) == Pert(kind="pert", weight=Decimal(4))
    normal = declared.validate_python({"kind": "normal", "mean": 100, "deviation": [1, 2, 3], "minimum": 0})
    assert normal == Normal(kind="normal", mean=(100,), deviation=(1, 2, 3), minimum=0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "cauchy"}, "does not match any of the expected tags"),
        ({"kind": "pert", "weight": 0}, "greater than 0"),
        ({"kind": "pert", "weight": 1000}, "less than or equal to 100"),
        ({"kind": "uniform", "mode": 1}, "Extra inputs are not permitted"),
        ({"kind": "normal", "mean": 1}, "give deviation with mean"),
        ({"kind": "normal", "deviation": -1}, "not below zero"),
        ({"kind": "normal", "deviation": 1, "minimum": 2, "maximum": 2}, "minimum must be below maximum"),
        ({"kind": "uniform", "low": 0.1}, "decimal number"),
        ({"kind": "uniform", "low": "nan"}, "finite"),
        ({"kind": "discrete", "outcomes": []}, "at least 1 item"),
        ({"kind": "discrete", "outcomes": [{"value": 1, "probability": "0.5"}]}, "add up to 0.5, not 1"),
        ({"kind": "discrete", "outcomes": [{"value": 1, "probability": "2%"}] * 51}, "at most 50 items"),
    ],
)
def test_unsound_distribution_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        declared.validate_python(given)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "normal", "mean": [1, 2], "deviation": 1},
        {"kind": "discrete", "outcomes": [{"value": [1, 2], "probability": 1}]},
    ],
)
def test_figures_are_one_or_one_per_period(given: dict[str, Any]) -> None:
    distribution = declared.validate_python(given)

    distribution.check_periods(2)
    with pytest.raises(ValueError, match="has 2 figures for 3 periods"):
        distribution.check_periods(3)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "b"), ("b", "a")], "a and b are correlated twice"),
        ([("a", "saved")], "'saved' is not an input row"),
    ],
)
def test_correlations_are_of_inputs_and_once(pairs: list[tuple[str, str]], message: str) -> None:
    correlations = [Correlation(between=pair, rank="0.5") for pair in pairs]

    with pytest.raises(ValueError, match=message):
        check_correlations(correlations, ["a", "b"])


def test_correlation_with_itself_is_refused() -> None:
    with pytest.raises(ValidationError, match="'a' is named twice"):
        Correlation(between=("a", "a"), rank=1)
