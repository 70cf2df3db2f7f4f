"""The published cases come out to the printed digit, by one engine that knows none of them."""

from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.finance import present_value
from valuefabric.domain.formulas.arithmetic import round_half_away
from valuefabric.domain.model import Computation, ModelDocument, compare, compute, load_model

CASES = Path(__file__).parents[2] / "cases"


def load(name: str) -> ModelDocument:
    return load_model((CASES / f"{name}.yaml").read_text())


def dollars(values: tuple[Decimal, ...]) -> list[int]:
    return [int(round_half_away(value, 0)) for value in values]


@pytest.fixture
def intellum() -> Computation:
    return compute(load("intellum"))


@pytest.fixture
def salesloft() -> Computation:
    return compute(load("salesloft"))


@pytest.mark.parametrize(("name", "figures"), [("intellum", 29), ("salesloft", 9), ("textbook", 8)])
def test_every_published_figure_agrees(name: str, figures: int) -> None:
    document = load(name)
    compared = compare(document, compute(document))
    assert len(compared) == figures
    assert [figure for figure in compared if not figure.agrees] == []


def test_intellum_retention_rows(intellum: Computation) -> None:
    assert list(intellum.rows["A5"].values) == [Decimal("0.044"), Decimal("0.087"), Decimal("0.087")]
    assert list(intellum.rows["A6"].values) == [0, 44000000, 90828000]
    assert list(intellum.rows["At"].values) == [0, 5280000, 10899360]
    assert list(intellum.rows["Atr"].values) == [0, 4224000, 8719488]


def test_intellum_retention_driver(intellum: Computation) -> None:
    retention = intellum.driver("retention")
    assert retention.total == 12943488
    assert dollars((retention.pv,)) == [10041989]


def test_intellum_spending_rows(intellum: Computation) -> None:
    assert list(intellum.rows["B1"].values) == [1000000000, 1044000000, 1090828000]
    assert list(intellum.rows["B5"].values) == [16286592, 33962125, 35485476]
    assert list(intellum.rows["Bt"].values) == [1954391, 4075455, 4258257]
    assert list(intellum.rows["Btr"].displayed) == [1563513, 3260364, 3406606]


def test_intellum_spending_driver_adds_unrounded_rows(intellum: Computation) -> None:
    spending = intellum.driver("spending")
    assert dollars((spending.total,)) == [8230482]
    assert sum(intellum.rows["Btr"].displayed) == 8230483
    assert dollars((spending.pv,)) == [6675324]


def test_intellum_drivers_add_up_to_the_case(intellum: Computation) -> None:
    assert sum(driver.pv for driver in intellum.drivers) == pytest.approx(intellum.measures.pv_benefits, abs=Decimal("1e-20"))


def test_intellum_without_row_rounding_is_another_case() -> None:
    document = load("intellum")
    rows = tuple(row.model_copy(update={"round": None}) for row in document.rows)
    unrounded = compute(document.model_copy(update={"rows": rows}))
    assert dollars((unrounded.driver("retention").pv,)) != [10041989]
    assert dollars((unrounded.driver("spending").pv,)) != [6675324]


def test_intellum_with_risk_adjustment_as_an_attribute_is_the_same() -> None:
    document = load("intellum")
    changes = {"formula": "At", "risk_adjustment": Decimal("0.20")}
    rows = tuple(row.model_copy(update=changes) if row.key == "Atr" else row for row in document.rows)
    adjusted = compute(document.model_copy(update={"rows": rows}))
    assert adjusted.rows["Atr"].values == compute(document).rows["Atr"].values
    assert adjusted.measures == compute(document).measures


def test_salesloft_measures(salesloft: Computation) -> None:
    measures = salesloft.measures
    assert (measures.total_costs, measures.total_benefits) == (2004420, 8897602)
    assert dollars((measures.pv_costs, measures.pv_benefits, measures.npv)) == [1672201, 7168371, 5496170]
    assert measures.roi_pct is not None
    assert round_half_away(measures.roi_pct, 0) == 329
    assert measures.payback_text == "less than 6 months"


def test_salesloft_wrong_answers_are_not_given(salesloft: Computation) -> None:
    assert dollars((salesloft.measures.npv,)) not in ([4996518], [5767026])


def test_salesloft_wrong_answers_are_what_other_conventions_give() -> None:
    """The engine can be told to discount otherwise, and then gives exactly the figures that the study warns of."""
    document = load("salesloft")
    middle = document.conventions.model_copy(update={"discounting": "mid_year"})
    assert dollars((compute(document.model_copy(update={"conventions": middle})).measures.npv,)) == [5767026]
    naive = document.conventions.model_copy(update={"initial_period": "none"})
    assert dollars((compute(document.model_copy(update={"conventions": naive})).measures.npv,)) == [4996518]
    assert dollars((present_value(compute(document).net, naive),)) == [4996518]


def test_textbook_measures() -> None:
    measures = compute(load("textbook")).measures
    assert dollars((measures.pv_benefits, measures.pv_costs, measures.npv)) == [515419, 243084, 272336]
    assert measures.roi_pct is not None
    assert round_half_away(measures.roi_pct, 1) == Decimal("112.0")
    assert dollars(measures.cumulative_discounted) == [-140000, 8148, 145322, 272336]
    assert measures.irr == 1
    assert measures.payback_text == "11 months"


def test_a_figure_that_is_off_is_found() -> None:
    document = load("textbook")
    assert document.expected is not None
    measures = {**document.expected.measures, "roi_pct": (Decimal("112.1"),)}
    wrong = document.model_copy(update={"expected": document.expected.model_copy(update={"measures": measures})})
    off = [figure for figure in compare(wrong, compute(wrong)) if not figure.agrees]
    assert [(figure.name, figure.expected, figure.computed) for figure in off] == [("roi_pct", "112.1", "112.0")]


def test_a_naive_answer_is_found() -> None:
    document = load("salesloft")
    naive = document.conventions.model_copy(update={"discounting": "mid_year"})
    wrong = document.model_copy(update={"conventions": naive})
    off = [figure.name for figure in compare(wrong, compute(wrong)) if not figure.agrees]
    assert "not mid_year_discounting" in off
