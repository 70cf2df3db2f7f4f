"""A document's trials are its computations: at the base, at random points, with everything that a document can say."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.models import large_document
from tests.factories.risk import document, retention
from valuefabric.domain.model import ModelDocument, compute, load_model
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.points import measured_at
from valuefabric.domain.risk.vector_model import VectorModel, assumptions_of

CASES = Path(__file__).parents[2] / "cases"
EVERYTHING: dict[str, Any] = {
    "volume": {"unit": "tickets", "values": [0, 900, 1000, 1100], "low": [0, 800, 800, 800], "high": [0, 950, 1200, 1300]},
    "price": {"unit": "USD/ticket", "values": "12.50", "low": 10, "high": 15, "convert": "EUR"},
    "seats": {"unit": "number", "values": 40, "low": 10, "high": 120},
    "fee": {"unit": "USD", "formula": "lookup(fees, seats) * seats", "role": "cost", "driver": "d", "timing": {"once": "y1"}},
    "saved": {
        "formula": "round(volume * unit_saved * linear(1, 3), 0)",
        "role": "benefit",
        "driver": "d",
        "risk_adjustment": "10%",
        "attribution": "80%",
        "probability": "90%",
        "escalation": "3%",
    },
    "unit_saved": {"unit": "USD/ticket", "formula": "max(price / 2, 4) + previous(unit_saved, 0) * 0.1"},
    "kept": {"formula": "saved * 0.25 + cumulative(saved) / 100", "role": "benefit", "driver": "d"},
    "licence": {"values": [20_000, 5_000, 5_000, 5_000], "role": "cost"},
}


def everything() -> ModelDocument:
    return document(
        EVERYTHING,
        periods=4,
        initial=True,
        rate="0.09",
        drivers={"d": {"label": "D", "impact": "cost"}},
        benefits_at="95%",
        tables={
            "fees": {
                "unit": "number",
                "match": "at_most",
                "keys": [0, 50, 100],
                "columns": {"fee": {"unit": "USD", "values": [30, 25, 20]}},
            }
        },
        rates={"EUR": {"rate": "1.1", "date": "2025-01-02", "source": "as agreed"}},
    )


def columns(model: ModelDocument, points: list[dict[str, list[Decimal]]]) -> dict[str, np.ndarray]:
    return {key: np.array([[float(figure) for figure in point[key]] for point in points]).T for key in points[0]}


@pytest.mark.parametrize("name", ["intellum", "salesloft", "textbook"])
def test_published_case_is_the_same_at_its_base(name: str) -> None:
    model = load_model((CASES / f"{name}.yaml").read_text())
    first = assumptions_of(model)[0].rows[0]

    found = measured_at(model, columns(model, [{first.key: list(first.values or ())}]))

    measures = compute(model).measures
    assert found.npv[0] == pytest.approx(float(measures.npv), rel=1e-9)
    assert found.roi_pct[0] == pytest.approx(_number(measures.roi_pct), rel=1e-9, nan_ok=True)
    assert found.payback_months[0] == pytest.approx(_number(measures.payback_months), rel=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "volume": st.lists(st.decimals("0", "2000", places=1), min_size=4, max_size=4),
                "price": st.lists(st.decimals("1", "40", places=2), min_size=4, max_size=4),
                "seats": st.lists(st.decimals("0", "150", places=0), min_size=4, max_size=4),
            }
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_feature_of_a_document_agrees_at_random_points(points: list[dict[str, list[Decimal]]]) -> None:
    model = everything()

    found = measured_at(model, columns(model, points))

    for at, point in enumerate(points):
        measures = compute(model, overrides=point).measures
        assert found.npv[at] == pytest.approx(float(measures.npv), rel=1e-9, abs=1e-6)
        assert found.payback_months[at] == pytest.approx(_number(measures.payback_months), rel=1e-9, nan_ok=True)


def test_large_model_agrees_and_only_what_counts_is_computed() -> None:
    model = large_document()
    point = {f"in{number}": [Decimal(500 + 7 * number)] * 5 for number in range(100)}

    found = measured_at(model, columns(model, [point]))

    assert found.npv[0] == pytest.approx(float(compute(model, overrides=point).measures.npv), rel=1e-9)


def test_inputs_of_one_name_and_range_move_together() -> None:
    twin = {"label": "Staff", "unit": "USD", "values": 10, "low": 5, "high": 20, "role": "benefit"}
    model = document({"a": twin, "b": twin, "c": twin | {"label": "Other"}})

    assert [[row.key for row in one.rows] for one in assumptions_of(model)] == [["a", "b"], ["c"]]
    assert measured_at(model, {"a": np.array([[7.0]])}).npv.tolist() == [7 + 7 + 10]


def test_inputs_of_different_distributions_are_two_assumptions() -> None:
    twin = {"label": "Staff", "unit": "USD", "values": 10, "low": 5, "high": 20}
    model = document({"a": twin, "b": twin | {"distribution": {"kind": "pert"}}})

    assert [one.key for one in assumptions_of(model)] == ["a", "b"]


def test_row_of_a_driver_that_is_not_counted_is_in_no_total() -> None:
    rows = {"a": {"values": 10, "role": "benefit", "driver": "listed"}, "b": {"values": 3, "role": "benefit"}}
    model = document(rows, drivers={"listed": {"label": "Listed", "impact": "risk", "counted": False}})

    assert measured_at(model, {"a": np.array([[1000.0]])}).npv.tolist() == [3]


def test_time_limit_stops_a_run_and_says_how_far_it_came() -> None:
    ticks = iter(range(100))
    model = VectorModel(retention(), {"lift": False})

    def fill(key: str, start: int, end: int, /, *, out: np.ndarray) -> None:
        out[...] = 0.02

    with pytest.raises(RiskError, match="stopped after 2 seconds and 200 of 1,000 trials; ask for fewer"):
        model.measured(1000, fill, block_size=100, seconds=2, clock=lambda: next(ticks))


def _number(value: Decimal | None) -> float:
    return float("nan") if value is None else float(value)
