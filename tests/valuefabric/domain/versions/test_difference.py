from decimal import Decimal

from tests.factories.valuefabric import published_document
from valuefabric.domain.editing import edited, read_edits
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.versions import ComputedCell, difference

BASE = published_document()


def after(*edits: dict[str, object]) -> ModelDocument:
    return edited(BASE, read_edits(list(edits)))


def figures(row: str, text: str, *periods: str) -> dict[str, object]:
    return {"op": "cells", "cells": [{"row": row, "period": period, "text": text} for period in periods or BASE.periods]}


def test_no_difference_is_empty() -> None:
    told = difference(BASE, BASE)

    assert told.empty
    assert told.sentences == ()


def test_a_changed_figure_tells_input_computed_cells_and_measures() -> None:
    told = difference(BASE, after(figures("A4", "20 %", "y1")))

    [change] = told.changes
    assert (change.part, change.key, change.field, change.period) == ("row", "A4", "values", "y1")
    assert (change.before, change.after, change.unit) == (Decimal("0.222"), Decimal("0.2"), "percent")
    assert ComputedCell("A5", "Lift in retention overall", "percent", "y1", Decimal("0.044"), Decimal("0.039")) in told.cells
    assert {cell.row for cell in told.cells} >= {"A4", "A5", "A6"}
    assert not {cell.period for cell in told.cells if cell.row in ("A4", "A5")} - {"y1"}
    npv = next(figure for figure in told.figures if figure.name == "npv")
    assert npv.before is not None
    assert npv.after is not None
    assert npv.before > npv.after
    assert told.sentences[0] == "Net present value down from 15,681,125 USD to 15,239,131 USD."
    assert "Lift in retention among users (A4), Year 1: figure 22.2 % → 20 %." in told.sentences


def test_neighbouring_figures_that_changed_alike_are_one_sentence() -> None:
    told = difference(BASE, after(figures("A4", "20 %")))

    assert "Lift in retention among users (A4), Year 1 to Year 3: figure 22.2 % → 20 %." in told.sentences


def test_formula_unit_note_source_driver_and_convention_are_told() -> None:
    told = difference(
        BASE,
        after(
            {"op": "row", "row": "A5", "set": {"formula": "A2 * A3 * A4 / 2", "note": "halved"}},
            {"op": "row", "row": "A4", "set": {"source": {"kind": "estimate", "reference": "a guess"}}},
            {"op": "driver", "driver": "support", "set": {"counted": True}},
            {"op": "conventions", "set": {"discount_rate": "12 %"}},
            {"op": "title", "title": "Another title"},
        ),
    )

    assert {(one.part, one.key, one.field) for one in told.changes} == {
        ("row", "A5", "formula"),
        ("row", "A5", "note"),
        ("row", "A4", "source"),
        ("driver", "support", "counted"),
        ("convention", "", "discount_rate"),
        ("model", "", "title"),
    }
    assert "Lift in retention overall (A5): formula “A2 * A3 * A4” → “A2 * A3 * A4 / 2”." in told.sentences
    assert "Conventions: discount rate 10 % → 12 %." in told.sentences
    assert any(one.endswith("part of the totals no → yes.") for one in told.sentences)
    assert any("→ estimate, a guess." in one for one in told.sentences)


def test_added_removed_and_renamed_rows_are_told_by_key() -> None:
    told = difference(
        BASE,
        after(
            {"op": "rename_row", "row": "A4", "key": "lift"},
            figures("lift", "20 %"),
            {"op": "add_row", "row": {"key": "extra", "label": "Extra", "unit": "USD", "role": "cost", "values": ["5"] * 3}},
        ),
    )

    assert [(one.before, one.after) for one in told.renamed] == [("A4", "lift")]
    assert [(one.collection, one.key) for one in told.added] == [("rows", "extra")]
    assert told.removed == ()
    assert {(one.key, one.field) for one in told.changes} == {("lift", "values")}  # A5 names it, and did not change by that
    assert told.sentences[-1] == "Lift in retention among users (lift), Year 1 to Year 3: figure 22.2 % → 20 %."
    assert "Row Extra (extra) was added: 5 USD." in told.sentences
    back = difference(after({"op": "rename_row", "row": "A4", "key": "lift"}), BASE)
    assert [(one.before, one.after) for one in back.renamed] == [("lift", "A4")]


def test_a_row_that_became_a_formula_is_told_with_its_figures() -> None:
    told = difference(BASE, after({"op": "row", "row": "A4", "set": {"formula": "0.2"}}))

    by_field = {one.field: one for one in told.of_row("A4")}
    assert by_field["formula"].after == "0.2"
    assert by_field["values"].after is None
    assert by_field["values"].before["y1"] == Decimal("0.222")


def test_another_period_is_told_once_and_its_cells_are_new() -> None:
    told = difference(BASE, after({"op": "periods", "count": 4}))

    assert [(one.collection, one.key, one.label) for one in told.added] == [("periods", "y4", "Year 4")]
    assert told.changes == ()
    assert {cell.before for cell in told.cells} == {None}


def test_another_order_is_told() -> None:
    told = difference(BASE, after({"op": "move_row", "row": "A4", "driver": "retention", "before": "A1"}))

    assert told.reordered == ("rows",)
    assert told.sentences == ("The rows stand in another order.",)


def test_texts_are_cut_to_what_a_sentence_can_hold() -> None:
    told = difference(BASE, after({"op": "row", "row": "A4", "set": {"note": "long " * 900}}))

    assert max(len(one) for one in told.sentences) < 250
