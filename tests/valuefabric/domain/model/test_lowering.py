"""Lowering: what says nothing changes nothing, factors are factors, and all forms of a model agree on the rest."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.factories.feature_models import feature_models, has_ties
from valuefabric.domain.formulas.vector_code import VectorRun, compile_vectors
from valuefabric.domain.model import ModelDocument, compute, load_model
from valuefabric.domain.model.compiled import compile_model
from valuefabric.domain.model.compute import lowered_values
from valuefabric.domain.model.lowering import given_figures, lowered

CASES = Path(__file__).parents[2] / "cases"
NEUTRAL: dict[str, Any] = {
    "escalation": "0%",
    "timing": {"every": 1},
    "phase_in": {"shape": "step"},
    "phase_out": {"shape": "step", "start": 1_200},
    "attribution": "100%",
    "probability": 1,
    "convert": "EUR",
}
AROUND: dict[str, Any] = {
    "rates": {"EUR": {"rate": 1, "source": "a currency of the same worth"}},
    "timeline": {"start": "2026-01", "contract": {"months": 1_200}},
    "benefits_at": "100%",
}


def with_features(document: ModelDocument, entries: dict[str, Any], around: dict[str, Any]) -> ModelDocument:
    """The document with these entries on each row that they fit."""
    plain = document.model_dump()
    for row in plain["rows"]:
        fitting = {name: entry for name, entry in entries.items() if name != "convert" or _converts(row)}
        row.update(fitting)
    return ModelDocument.model_validate(plain | around)


def _converts(row: dict[str, Any]) -> bool:
    return row["unit"] == "USD" and row["formula"] is None


@pytest.mark.parametrize("case", ["textbook", "salesloft", "intellum"])
def test_a_document_without_features_lowers_to_its_own_rows(case: str) -> None:
    document = load_model((CASES / f"{case}.yaml").read_text())

    assert [row.key for row in lowered(document) if row.visible] == [row.key for row in document.rows]
    assert {row.key for row in lowered(document) if not row.visible} <= {
        "period number",
        *(f"given {row.key}" for row in document.rows),
    }


@given(names=st.sets(st.sampled_from(sorted(NEUTRAL))), around=st.sets(st.sampled_from(sorted(AROUND))))
@settings(max_examples=60, deadline=None)
def test_features_that_say_nothing_change_nothing(names: set[str], around: set[str]) -> None:
    document = load_model((CASES / "textbook.yaml").read_text())
    entries = {name: NEUTRAL[name] for name in names}
    needed = around | ({"rates"} if "convert" in names else set())

    featured = with_features(document, entries, {name: AROUND[name] for name in needed})

    before, after = compute(document), compute(featured)
    initial = document.has_initial_period and "phase_in" in names
    assert {key: row.values[initial:] for key, row in after.rows.items()} == {
        key: row.values[initial:] for key, row in before.rows.items()
    }
    assert initial or after.measures == before.measures


def test_every_factor_is_one() -> None:
    """100 at a rate of 1.25, half phased in, 60 % ours, 80 % likely, grown by 10 %, rounded, less 10 % for risk."""
    document = ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": ["y1", "y2"],
            "rates": {"EUR": {"rate": "1.25", "source": "treasury"}},
            "drivers": {"d": {"label": "d", "impact": "cost", "phase_in": {"shape": "linear", "over": 12}}},
            "rows": {
                "likely": {"label": "likely", "unit": "percent", "values": "80%"},
                "a": {
                    "label": "a",
                    "unit": "USD",
                    "driver": "d",
                    "role": "benefit",
                    "values": 100,
                    "convert": "EUR",
                    "escalation": "10%",
                    "attribution": "60%",
                    "probability": "likely",
                    "round": 0,
                    "risk_adjustment": "10%",
                },
            },
        }
    )

    first = 100 * Decimal("1.25") * Decimal("0.5") * Decimal("0.6") * Decimal("0.8")
    second = 100 * Decimal("1.25") * Decimal("0.6") * Decimal("0.8") * Decimal("1.1")
    assert compute(document).rows["a"].values == (first * Decimal("0.9"), round(second) * Decimal("0.9"))


def test_overrides_are_figures_before_everything_else_of_the_row() -> None:
    document = with_features(load_model((CASES / "textbook.yaml").read_text()), {"attribution": "50%"}, {})
    [benefit] = [row.key for row in document.rows if row.role == "benefit"]
    figures = [Decimal(10)] * len(document.periods)

    assert set(compute(document, overrides={benefit: figures}).rows[benefit].values) == {Decimal(5)}


@settings(max_examples=60, deadline=None)
@given(document=feature_models())
def test_the_vector_form_agrees_with_the_decimals(document: ModelDocument) -> None:
    assume(not has_ties(document))
    compiled, figures = compile_model(document), given_figures(document)
    run = VectorRun(compile_vectors(compiled.inputs, compiled.rows, periods=len(document.periods)), 1)

    run.give({name: figures[name] for name in run.program.fixed})

    exact = lowered_values(document)
    for row in compiled.rows:
        found = np.broadcast_to(run.result(row.key), (len(document.periods), 1))[:, 0]
        assert found == pytest.approx([float(value) for value in exact[row.key]], rel=1e-9, abs=1e-6), row.key


def test_documents_of_one_shape_share_their_code() -> None:
    """Another figure of a share, a phase or a rate is no other code: a goal seek would compile a thousand times."""
    document = load_model((CASES / "textbook.yaml").read_text())
    one = with_features(document, {"attribution": "50%", "phase_in": {"shape": "step"}}, {})
    other = with_features(document, {"attribution": "70%", "phase_in": {"shape": "linear", "over": 6}}, {})

    assert compile_model(one) is compile_model(other)
    assert compile_model(one) is not compile_model(document)
