from valuefabric.domain.model import ModelDocument, load_model
from valuefabric.domain.versions import Merged, difference, merge
from valuefabric.domain.versions.references import with_names

DOCUMENT = load_model("""
format: vos.model/1
id: named
title: A model that names rows everywhere
currency: USD
conventions: {discount_rate: 10%}
periods: [y1, y2]
drivers:
  keep: {label: Customers kept, impact: revenue}
rows:
  share: {label: Our share, unit: percent, values: 50%}
  rate: {label: Growth, unit: percent, values: 3%}
  lift: {label: Lift, unit: percent, values: [10%, 20%]}
  lift_more: {label: Lift more, unit: percent, formula: lift + 1%}
  kept: {label: Kept, unit: USD, driver: keep, role: benefit, values: 1000, attribution: share, escalation: {rate: rate}}
  spent: {label: Spent, unit: USD, driver: keep, role: benefit, formula: kept * lift}
  price: {label: Price, unit: USD, role: cost, values: 100}
overlaps:
  both: {rows: [kept, spent], rule: largest}
scenarios:
  worse: {label: Worse, changes: [{row: lift, factor: 0.5}, {row: spent, formula: kept * lift / 2}]}
correlations:
  - {between: [lift, rate], rank: 0.5}
""")


def renamed() -> ModelDocument:
    return with_names(DOCUMENT, {"lift": "effect", "share": "ours", "rate": "growth", "kept": "stayed"})


def test_every_place_that_names_a_row_follows() -> None:
    made = renamed()

    assert made.row("stayed").attribution == "ours"
    assert made.row("stayed").escalation is not None
    assert made.row("stayed").escalation.rate == "growth"
    assert made.row("spent").formula == "stayed * effect"
    assert made.row("lift_more").formula == "effect + 1%"  # a name that only begins like it stays
    assert made.overlaps[0].rows == ("stayed", "spent")
    assert [(one.row, one.formula) for one in made.scenarios[0].changes] == [("effect", None), ("spent", "stayed * effect / 2")]
    assert made.correlations[0].between == ("effect", "growth")


def test_what_follows_is_still_a_model() -> None:
    assert ModelDocument.model_validate(renamed().model_dump()) == renamed()


def test_a_renaming_alone_changes_no_other_row() -> None:
    told = difference(DOCUMENT, renamed())

    assert {one.after for one in told.renamed} == {"effect", "ours", "growth", "stayed"}
    assert (told.changes, told.cells, told.added, told.removed) == ((), (), (), ())


def test_parts_beside_drivers_and_rows_are_merged_by_key() -> None:
    scenario = DOCUMENT.scenarios[0]
    ours = DOCUMENT.model_copy(update={"scenarios": (scenario, scenario.model_copy(update={"key": "other"}))})
    theirs = DOCUMENT.model_copy(update={"scenarios": (scenario.model_copy(update={"label": "Bad"}),), "correlations": ()})

    made = merge(DOCUMENT, ours, theirs)

    assert isinstance(made, Merged)
    assert [(one.key, one.label) for one in made.document.scenarios] == [("worse", "Bad"), ("other", "Worse")]
    assert made.document.correlations == ()
    assert merge(DOCUMENT, theirs, ours) == made
