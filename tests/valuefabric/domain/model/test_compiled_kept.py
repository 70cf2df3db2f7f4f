"""An edit of one formula reads and checks one; what is kept about the others is right for the model it is asked of."""

import pytest

from valuefabric.domain.formulas.needs import Same
from valuefabric.domain.model import FormulaError, ModelDocument, compute
from valuefabric.domain.model.compiled import _fits


def model(*, unit: str = "USD/hour", formula: str = "hours * wage", more: str = "saved") -> ModelDocument:
    rows = {
        "hours": {"unit": "hours", "values": 10},
        "wage": {"unit": unit, "values": 40},
        "saved": {"unit": "USD", "formula": formula},
        "kept": {"unit": "USD", "role": "benefit", "formula": more},
    }
    return ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0.1"},
            "periods": ["y1"],
            "rows": {key: {"label": key, **row} for key, row in rows.items()},
        }
    )


def test_only_the_edited_formula_is_checked() -> None:
    compute(model())
    before = _fits.cache_info().misses

    assert compute(model(formula="hours * wage * 2")).rows["kept"].values == (800,)

    assert _fits.cache_info().misses == before + 1


def test_the_same_formula_among_other_units_is_checked_again() -> None:
    compute(model())

    with pytest.raises(FormulaError, match="row saved, position 7: the formula gives"):
        compute(model(unit="EUR/hour"))
    assert compute(model()).rows["kept"].values == (400,)


def test_a_refused_formula_is_refused_each_time_and_knows_all_rows() -> None:
    for _ in range(2):
        with pytest.raises(FormulaError, match="there is no row 'wages', did you mean 'wage'"):
            compute(model(formula="hours * wages"))


def test_trees_are_told_apart_by_identity() -> None:
    tree, other = object(), object()

    assert Same(tree) == Same(tree)  # type: ignore[arg-type] # any object will do
    assert Same(tree) != Same(other)  # type: ignore[arg-type]
    assert Same(tree) != tree  # type: ignore[arg-type]
