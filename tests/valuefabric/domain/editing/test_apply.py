from typing import Any

import pytest

from tests.factories.models import large_document
from tests.factories.valuefabric import published_document
from valuefabric.domain.editing import MOST_EDITS, EditRefused, edited, read_edits
from valuefabric.domain.editing.start import Frame, blank_document
from valuefabric.domain.model import ModelDocument, Row, compute, content_hash

SMALL = published_document()


def after(*edits: dict[str, Any], document: ModelDocument = SMALL) -> ModelDocument:
    return edited(document, read_edits(list(edits)))


def row(document: ModelDocument, key: str) -> Row:
    return document.row(key)


def cell(key: str, period: str, text: str, part: str = "values") -> dict[str, Any]:
    return {"op": "cells", "cells": [{"row": key, "period": period, "text": text, "part": part}]}


def test_no_edits_give_the_same_document() -> None:
    assert edited(SMALL, ()) is SMALL


def test_an_edit_and_its_opposite_give_the_same_content() -> None:
    back = after(cell("A4", "y1", "20 %"), cell("A4", "y1", "22.2 %"))

    assert content_hash(back) == content_hash(SMALL)


def test_a_figure_outside_its_range_is_refused_and_the_range_can_be_widened_first() -> None:
    with pytest.raises(EditRefused, match="30 % lies outside its range, 10 % to 25 %"):
        after(cell("A4", "y1", "30 %"))

    wide = after(cell("A4", "y1", "40 %", "high"), cell("A4", "y1", "30 %"))

    assert [str(value) for value in row(wide, "A4").values or ()] == ["0.3", "0.222", "0.222"]


def test_all_figures_of_a_paste_or_none() -> None:
    cells = [{"row": "A4", "period": "y1", "text": "20 %"}, {"row": "A5", "period": "y1", "text": "1"}]

    with pytest.raises(EditRefused) as refused:
        after({"op": "cells", "cells": cells})

    (problem,) = refused.value.problems
    assert (problem.row, problem.period, refused.value.edit) == ("A5", "y1", 0)
    assert "is computed" in problem.message


def test_a_first_end_makes_a_range_and_clearing_both_takes_it_away() -> None:
    ranged = after(cell("benefit", "y1", "50", "high"), document=_blank())
    cleared = after(cell("benefit", "y1", "", "high"), document=ranged)

    assert [str(value) for value in row(ranged, "benefit").high or ()] == ["50", "0", "0"]
    assert [str(value) for value in row(ranged, "benefit").low or ()] == ["0", "0", "0"]
    assert (row(cleared, "benefit").low, row(cleared, "benefit").high) == (None, None)


def test_an_empty_figure_is_zero() -> None:
    made = after(cell("cost", "y1", "5"), cell("cost", "y1", ""), document=_blank())

    assert content_hash(made) == content_hash(_blank())


def test_renaming_a_row_renames_it_in_formulas_and_nowhere_else() -> None:
    made = after({"op": "rename_row", "row": "A1", "key": "revenue"})

    assert row(made, "A6").formula == "(revenue + previous(A6, 0)) * previous(A5, 0)"
    assert row(made, "B1").formula == "revenue + A6"
    assert compute(made).measures == compute(SMALL).measures


@pytest.mark.parametrize("key", ["A2", "if", "1st", "a__b"])
def test_a_name_that_is_taken_or_none_is_refused(key: str) -> None:
    with pytest.raises(EditRefused):
        after({"op": "rename_row", "row": "A1", "key": key})


def test_a_row_that_formulas_name_cannot_be_deleted() -> None:
    with pytest.raises(EditRefused, match="is used by Lift in retention overall"):
        after({"op": "delete_row", "row": "A4"})


def test_the_last_row_stays() -> None:
    one = after({"op": "delete_row", "row": "cost"}, document=_blank())

    with pytest.raises(EditRefused, match="at least one row"):
        after({"op": "delete_row", "row": "benefit"}, document=one)


def test_a_formula_takes_the_place_of_figures_and_back() -> None:
    computed = after({"op": "row", "row": "A4", "set": {"formula": "A3 / 2"}})
    given = after({"op": "row", "row": "A4", "set": {"formula": None}}, document=computed)

    assert (row(computed, "A4").values, row(computed, "A4").low) == (None, None)
    assert [str(value) for value in row(given, "A4").values or ()] == ["0", "0", "0"]


def test_rows_and_drivers_come_move_and_go() -> None:
    made = after(
        {"op": "add_driver", "driver": {"key": "help", "label": "Help", "impact": "cost"}},
        {"op": "add_row", "row": {"key": "tickets", "label": "Tickets", "unit": "tickets", "driver": "help"}},
        {"op": "add_row", "row": {"key": "hours", "label": "Hours", "unit": "hours", "driver": "help"}, "before": "tickets"},
        {"op": "move_row", "row": "A1", "driver": "help", "before": "hours"},
        {"op": "driver", "driver": "help", "set": {"counted": False, "note": "later"}},
        {"op": "move_driver", "driver": "help", "before": "retention"},
    )

    assert [one.key for one in made.rows if one.driver == "help"] == ["A1", "hours", "tickets"]
    assert (made.drivers[0].key, made.drivers[0].counted) == ("help", False)
    with pytest.raises(EditRefused, match="still has rows: Annual revenue, Hours, Tickets"):
        after({"op": "delete_driver", "driver": "help"}, document=made)


def test_columns_continue_names_and_figures() -> None:
    made = after({"op": "periods", "count": 5}, {"op": "conventions", "set": {"discount_rate": "8,5 %"}})

    assert made.periods == ("y1", "y2", "y3", "y4", "y5")
    assert len(row(made, "A4").high or ()) == 5
    assert str(made.conventions.discount_rate) == "0.085"
    assert after({"op": "periods", "count": 3}, document=made).periods == SMALL.periods


def test_what_was_not_touched_is_the_same_object() -> None:
    large = large_document()

    made = after(cell("in5", "y2", "7"), document=large)

    assert [one.key for one, before in zip(made.rows, large.rows, strict=True) if one is not before] == ["in5"]


@pytest.mark.parametrize(
    "value",
    [
        "all",
        [{"op": "drop_table"}],
        [{"op": "cells", "cells": []}],
        [{"op": "title", "title": "t"}] * (MOST_EDITS + 1),
        [{"op": "row", "row": "A1", "set": {}, "more": 1}],
    ],
)
def test_what_is_no_list_of_edits_is_refused(value: object) -> None:
    with pytest.raises(EditRefused, match="cannot be read"):
        read_edits(value)


@pytest.mark.parametrize(
    "change", [{"key": "x"}, {"nothing": 1}, {"role": "benefit"}, {"unit": "a" * 100}, {"driver": "none"}, {"values": ["NaN"]}]
)
def test_a_row_that_does_not_fit_is_refused_with_its_edit(change: dict[str, Any]) -> None:
    with pytest.raises(EditRefused) as refused:
        after(cell("A7", "y1", "12 %"), {"op": "row", "row": "A4", "set": change})

    assert refused.value.edit == 1


def _blank() -> ModelDocument:
    frame = Frame(title="Blank", currency="USD", discount_rate=SMALL.conventions.discount_rate)
    return blank_document(frame, model_id="blank", driver="First", impact="cost")
