"""What-ifs made out of edits, and what names a row beside formulas."""

from typing import Any

import pytest

from tests.factories.valuefabric import published_document
from valuefabric.domain.editing import EditRefused, edited, read_edits, what_if_of
from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.model.scenarios import scenario_document

BASE = published_document()
SLOW = {"op": "cells", "cells": [{"row": "A4", "period": "y1", "text": "15 %"}]}


def after(*edits: dict[str, Any], document: ModelDocument = BASE) -> ModelDocument:
    return edited(document, read_edits(list(edits)))


def slow_start() -> dict[str, Any]:
    return what_if_of(BASE, after(SLOW), label="Slow start", why="The term begins late")


def test_tried_edits_become_a_what_if_that_computes_the_same() -> None:
    kept = after(slow_start())

    (scenario,) = kept.scenarios
    assert (scenario.key, scenario.label, scenario.why, len(scenario.changes)) == (
        "slow_start",
        "Slow start",
        "The term begins late",
        1,
    )
    assert compute(kept).measures == compute(BASE).measures
    assert compute(kept, scenario="slow_start").measures.npv == compute(after(SLOW)).measures.npv


def test_the_base_as_it_is_makes_no_what_if() -> None:
    with pytest.raises(EditRefused, match="Nothing differs"):
        what_if_of(BASE, BASE, label="Same", why="")


@pytest.mark.parametrize(
    "edit",
    [
        {"op": "row", "row": "A4", "set": {"label": "Another name"}},
        {"op": "add_row", "row": {"key": "fresh", "label": "Fresh", "unit": "USD"}},
        {"op": "conventions", "set": {"discount_rate": "12 %"}},
    ],
)
def test_what_is_no_figure_is_no_what_if(edit: dict[str, Any]) -> None:
    with pytest.raises(EditRefused, match="figures and formulas"):
        what_if_of(BASE, after(SLOW, edit), label="More", why="")


def test_a_second_what_if_of_one_name_gets_a_key_of_its_own() -> None:
    once = after(slow_start())
    twice = after(what_if_of(once, after(SLOW, document=once), label="Slow start", why=""), document=once)

    assert [one.key for one in twice.scenarios] == ["slow_start", "slow_start_2"]


def test_a_renamed_row_keeps_its_name_in_what_ifs_and_correlations() -> None:
    linked = BASE.model_copy(update={"correlations": ()})
    kept = after(slow_start(), {"op": "rename_row", "row": "A4", "key": "lift"}, document=linked)

    assert kept.scenarios[0].changes[0].row == "lift"
    assert compute(kept, scenario="slow_start").measures.npv == compute(after(SLOW)).measures.npv


def test_a_row_that_a_what_if_changes_cannot_go_and_the_place_is_named() -> None:
    lone = {"op": "add_row", "row": {"key": "lone", "label": "Lone", "unit": "hours"}}
    named = {"op": "scenario", "scenario": {"key": "s", "label": "Slow", "changes": [{"row": "lone", "values": ["1"]}]}}

    with pytest.raises(EditRefused, match="Lone is used by the what-if “Slow”. Take it out there first."):
        after(lone, named, {"op": "delete_row", "row": "lone"})


def test_a_what_if_goes_unless_another_is_built_on_it() -> None:
    on_it = {"op": "scenario", "scenario": {"key": "slower", "label": "Slower", "on": "slow_start"}}
    gone = {"op": "delete_scenario", "scenario": "slow_start"}

    assert after(slow_start(), gone).scenarios == ()
    with pytest.raises(EditRefused, match="Slower"):
        after(slow_start(), on_it, gone)


def test_more_columns_go_on_in_what_ifs_too() -> None:
    longer = after(slow_start(), {"op": "periods", "count": 4})

    assert len(longer.scenarios[0].changes[0].values or ()) == 4
    assert compute(longer, scenario="slow_start").measures.npv > 0


@pytest.mark.parametrize(
    "distribution",
    [
        {"kind": "pert", "weight": 6},
        {"kind": "normal", "deviation": "0.02", "minimum": "0.1", "maximum": "0.4"},
        {"kind": "lognormal", "mean": "0.2", "deviation": "0.05"},
        {"kind": "discrete", "outcomes": [{"value": "0.1", "probability": "0.5"}, {"value": "0.3", "probability": "0.5"}]},
    ],
    ids=lambda one: one["kind"],
)
def test_a_factor_takes_the_distribution_along(distribution: dict[str, Any]) -> None:
    from valuefabric.domain.risk.monte_carlo import drawn_in  # brings numpy

    half = {"op": "scenario", "scenario": {"key": "half", "label": "Half", "changes": [{"row": "A4", "factor": "0.5"}]}}
    base = after({"op": "row", "row": "A4", "set": {"distribution": distribution}}, half)

    drawn = [
        next(one.spread for one in drawn_in(document) if one.assumption.key == "A4")
        for document in (base, scenario_document(base, "half"))
    ]

    figures = [[_median(spread, period) for period in range(3)] for spread in drawn]
    assert figures[1] == pytest.approx([figure / 2 for figure in figures[0]])


def _median(spread: Any, period: int) -> float:
    import numpy as np

    out = np.empty(1)
    spread.shapes[period].fill(np.array([0.5]), out)
    return float(out[0] * spread.scale[period] + spread.offset[period])
