from typing import Any

import pytest

from valuefabric.domain.editing import edited, read_edits
from valuefabric.domain.model import ModelDocument, load_model
from valuefabric.domain.versions import ChoiceUnknown, Conflicts, MergeBroken, Merged, merge

BASE = load_model("""
format: vos.model/1
id: small
title: A small model
currency: USD
conventions: {discount_rate: 10%}
periods: [y1, y2]
drivers:
  keep: {label: Customers kept, impact: revenue}
  save: {label: Hours saved, impact: cost}
rows:
  revenue: {label: Revenue, unit: USD, driver: keep, values: [100, 200]}
  lift: {label: Lift, unit: percent, driver: keep, values: [10%, 20%], low: [5%, 10%], high: [50%, 50%]}
  kept: {label: Revenue kept, unit: USD, driver: keep, role: benefit, formula: revenue * lift * 1000}
  hours: {label: Hours, unit: USD, driver: save, role: benefit, values: [500, 500]}
  price: {label: Price, unit: USD, role: cost, values: [1000, 1000]}
""")


def after(*edits: dict[str, Any], document: ModelDocument = BASE) -> ModelDocument:
    return edited(document, read_edits(list(edits)))


def cell(row: str, period: str, text: str, part: str = "values") -> dict[str, Any]:
    return {"op": "cells", "cells": [{"row": row, "period": period, "text": text, "part": part}]}


def merged(ours: ModelDocument, theirs: ModelDocument, **choices: Any) -> ModelDocument:
    made = merge(BASE, ours, theirs, choices)
    assert isinstance(made, Merged), made
    return made.document


def places(ours: ModelDocument, theirs: ModelDocument) -> list[str]:
    made = merge(BASE, ours, theirs)
    assert isinstance(made, Conflicts)
    return [one.place for one in made.conflicts]


def test_two_figures_of_one_row_are_taken_from_the_side_that_changed_each() -> None:
    made = merged(after(cell("lift", "y1", "12 %")), after(cell("lift", "y2", "25 %")))

    assert [str(figure) for figure in made.row("lift").values or ()] == ["0.12", "0.25"]


def test_one_figure_changed_to_two_others_is_a_conflict_that_names_row_period_and_values() -> None:
    ours, theirs = after(cell("lift", "y1", "12 %")), after(cell("lift", "y1", "15 %"), cell("price", "y1", "900"))

    made = merge(BASE, ours, theirs)

    assert isinstance(made, Conflicts)
    [one] = made.conflicts
    assert (one.place, one.row, one.driver, one.label, one.field, one.period) == (
        "rows.lift.values.y1", "lift", "keep", "Lift", "values", "y1",
    )  # fmt: skip
    assert (one.base, one.ours, one.theirs) == ("0.10", "0.12", "0.15")


@pytest.mark.parametrize("place", ["rows.lift.values.y1", "rows.lift.values", "rows.lift", "drivers.keep", "rows", "*"])
def test_a_choice_decides_for_all_that_it_names(place: str) -> None:
    ours, theirs = after(cell("lift", "y1", "12 %")), after(cell("lift", "y1", "15 %"))

    assert str((merged(ours, theirs, **{place: "theirs"}).row("lift").values or ())[0]) == "0.15"
    assert str((merged(ours, theirs, **{place: "ours"}).row("lift").values or ())[0]) == "0.12"


def test_the_narrowest_choice_decides() -> None:
    ours = after(cell("lift", "y1", "12 %"), cell("price", "y1", "900"))
    theirs = after(cell("lift", "y1", "15 %"), cell("price", "y1", "800"))

    made = merged(ours, theirs, **{"*": "ours", "drivers.keep": "theirs"})

    assert [str((made.row(key).values or ())[0]) for key in ("lift", "price")] == ["0.15", "900"]


def test_a_choice_that_is_no_side_is_refused() -> None:
    with pytest.raises(ChoiceUnknown, match="ours"):
        merge(BASE, BASE, BASE, {"*": "mine"})  # type: ignore[dict-item]


def test_the_same_figure_spelled_differently_is_no_conflict() -> None:
    made = merged(after(cell("price", "y1", "900.0")), after(cell("price", "y1", "900")))

    assert str((made.row("price").values or ())[0]) == "900"


def test_drivers_changed_apart_are_both_taken_with_their_rows() -> None:
    ours = after(
        {"op": "driver", "driver": "keep", "set": {"label": "Customers who stay"}},
        {"op": "row", "row": "kept", "set": {"formula": "revenue * lift * 900"}},
    )
    theirs = after({"op": "add_row", "row": {"key": "more", "label": "More", "unit": "USD", "driver": "save"}, "before": "hours"})

    made = merged(ours, theirs)

    assert made.driver("keep").label == "Customers who stay"
    assert made.row("kept").formula == "revenue * lift * 900"
    assert [row.key for row in made.rows] == ["revenue", "lift", "kept", "more", "hours", "price"]


def test_a_row_taken_away_here_and_changed_there_is_a_conflict_of_the_row() -> None:
    ours, theirs = after({"op": "delete_row", "row": "hours"}), after(cell("hours", "y1", "600"))

    made = merge(BASE, ours, theirs)

    assert isinstance(made, Conflicts)
    [one] = made.conflicts
    assert (one.place, one.row, one.label, one.ours) == ("rows.hours", "hours", "Hours", None)
    assert one.theirs["values"] == {"y1": "600", "y2": "500"}
    assert "hours" not in {row.key for row in merged(ours, theirs, **{"rows.hours": "ours"}).rows}
    assert str((merged(ours, theirs, **{"rows.hours": "theirs"}).row("hours").values or ())[0]) == "600"


def test_a_row_taken_away_on_one_side_only_is_gone() -> None:
    made = merged(after({"op": "delete_row", "row": "hours"}), after(cell("lift", "y1", "12 %")))

    assert "hours" not in {row.key for row in made.rows}


def test_a_driver_taken_away_here_and_given_a_row_there_is_a_conflict_of_the_driver() -> None:
    ours = after({"op": "delete_row", "row": "hours"}, {"op": "delete_driver", "driver": "save"})
    theirs = after({"op": "add_row", "row": {"key": "more", "label": "More", "unit": "USD", "driver": "save"}})

    assert places(ours, theirs) == ["drivers.save"]
    assert {driver.key for driver in merged(ours, theirs, **{"drivers.save": "theirs"}).drivers} == {"keep", "save"}


def test_figures_here_and_a_formula_there_are_one_conflict() -> None:
    ours = after({"op": "row", "row": "lift", "set": {"formula": "1 / 8"}})
    theirs = after(cell("lift", "y1", "15 %"))

    assert places(ours, theirs) == ["rows.lift.formula"]
    assert merged(ours, theirs, **{"rows.lift": "ours"}).row("lift").formula == "1 / 8"
    other = merged(ours, theirs, **{"rows.lift": "theirs"}).row("lift")
    assert (other.formula, str((other.values or ())[0]), str((other.low or ())[0])) == (None, "0.15", "0.05")


def test_a_range_taken_away_here_and_moved_there_is_one_conflict() -> None:
    ours = after({"op": "row", "row": "lift", "set": {"low": None, "high": None}})
    theirs = after(cell("lift", "y1", "1 %", "low"))

    assert places(ours, theirs) == ["rows.lift.low"]  # the other end nobody moved: it is gone
    assert merged(ours, theirs, **{"*": "ours"}).row("lift").low is None


def test_renamed_row_takes_the_other_sides_edit_and_formulas_follow() -> None:
    ours = after({"op": "rename_row", "row": "lift", "key": "retention_lift"})
    theirs = after(cell("lift", "y1", "15 %"), {"op": "row", "row": "kept", "set": {"formula": "revenue * lift * 900"}})

    made = merged(ours, theirs)

    assert str((made.row("retention_lift").values or ())[0]) == "0.15"
    assert made.row("kept").formula == "revenue * retention_lift * 900"
    assert made == merged(theirs, ours)


def test_a_row_renamed_twice_is_a_conflict_of_its_key() -> None:
    ours, theirs = (after({"op": "rename_row", "row": "lift", "key": key}) for key in ("one", "other"))

    assert places(ours, theirs) == ["rows.lift.key"]
    made = merged(ours, theirs, **{"rows.lift.key": "theirs"})
    assert made.row("kept").formula == "revenue * other * 1000"


def test_a_row_added_by_both_with_one_key_is_compared_field_by_field() -> None:
    row = {"key": "extra", "label": "Extra", "unit": "USD", "role": "cost", "values": ["5", "5"]}
    ours = after({"op": "add_row", "row": row})
    theirs = after({"op": "add_row", "row": {**row, "values": ["5", "7"]}})

    assert places(ours, theirs) == ["rows.extra.values.y2"]


def test_a_period_added_here_continues_a_row_added_there_and_says_so() -> None:
    ours = after({"op": "periods", "count": 3})
    theirs = after(
        {"op": "add_row", "row": {"key": "extra", "label": "Extra", "unit": "USD", "role": "cost", "values": ["5", "7"]}}
    )

    made = merge(BASE, ours, theirs)

    assert isinstance(made, Merged)
    assert made.filled == ("extra",)
    assert [str(figure) for figure in made.document.row("extra").values or ()] == ["5", "7", "7"]


def test_a_period_taken_away_here_and_worked_on_there_is_a_conflict() -> None:
    ours, theirs = after({"op": "periods", "count": 1}), after(cell("price", "y2", "1"))

    assert places(ours, theirs) == ["periods.y2"]
    assert merged(ours, theirs, **{"periods.y2": "ours"}).periods == ("y1",)
    kept = merged(ours, theirs, **{"periods.y2": "theirs"})
    assert [str(figure) for figure in kept.row("price").values or ()] == ["1000", "1"]


def test_conventions_are_merged_by_name() -> None:
    ours = after({"op": "conventions", "set": {"discount_rate": "8 %"}})
    theirs = after({"op": "conventions", "set": {"discounting": "mid_year"}})

    made = merged(ours, theirs).conventions

    assert (str(made.discount_rate), made.discounting) == ("0.08", "mid_year")


def test_rows_put_in_two_other_orders_are_a_conflict_of_the_order() -> None:
    ours = after({"op": "move_row", "row": "price", "before": "revenue"})
    theirs = after({"op": "move_row", "row": "hours", "driver": "save", "before": "revenue"})

    assert places(ours, theirs) == ["order.rows"]
    assert merged(ours, theirs, **{"order.rows": "theirs"}).rows[0].key == "hours"


def test_edits_that_fit_alone_and_not_together_are_refused_with_the_row() -> None:
    plain = after({"op": "row", "row": "kept", "set": {"formula": "revenue / 100"}})
    without = after({"op": "delete_row", "row": "lift"}, document=plain)
    theirs = after({"op": "add_row", "row": {"key": "twice", "label": "Twice", "unit": "percent", "formula": "lift * 2"}})

    with pytest.raises(MergeBroken, match="twice.*'lift'.*merge again") as refused:
        merge(BASE, without, theirs)

    assert refused.value.row == "twice"


def test_ranges_that_no_longer_hold_the_figure_are_refused() -> None:
    ours, theirs = after(cell("lift", "y1", "9 %", "low")), after(cell("lift", "y1", "8 %"))

    with pytest.raises(MergeBroken, match="row lift, period y1"):
        merge(BASE, ours, theirs)
