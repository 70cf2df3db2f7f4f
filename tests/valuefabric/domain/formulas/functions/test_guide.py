"""docs/models.md says what is: the functions of the registry, the messages of the engine, the figures of the cases."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.finance.discounting import discount_factor, discounted
from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.formulas.functions import FUNCTIONS
from valuefabric.domain.formulas.functions.guide import BEGIN, END, functions_chapter, with_functions
from valuefabric.domain.model import ModelDocument, ModelFileError, compute, load_model

ROOT = Path(__file__).parents[5]
GUIDE = (ROOT / "docs" / "models.md").read_text()
CASES = ROOT / "tests" / "valuefabric" / "cases"


def case(name: str) -> ModelDocument:
    return load_model((CASES / f"{name}.yaml").read_text())


def printed(value: Decimal, decimals: int = 0) -> str:
    return f"{round(value, decimals):,f}"


def test_the_guide_has_the_functions_of_the_registry() -> None:
    assert with_functions(GUIDE) == GUIDE, "run manage.py model functions --update docs/models.md"
    chapter = GUIDE.partition(BEGIN)[2].partition(END)[0]
    assert re.findall(r"^\*\*`([a-z_]+)\(", chapter, re.MULTILINE) == list(FUNCTIONS)


def test_a_chapter_that_is_behind_is_written_anew_and_nothing_else_is_touched() -> None:
    behind = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_functions(behind) == f"before\n{BEGIN}\n\n{functions_chapter()}\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="the marks .* are missing"):
        with_functions("a text without marks")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            {"tickets": "values: 5", "saved": "formula: tickets * 2 + tikets * 1"},
            "there is no row 'tikets', did you mean 'tickets'?",
        ),
        ({"money": "values: 5", "hours": "values: 5", "x": "formula: money + hours"}, "cannot add USD and hour"),
        (
            {"cost": "values: 5", "tickets": "values: 0", "cost_per_ticket": "formula: cost / tickets"},
            "period y1: division by zero; guard it: if(b = 0, 0, a / b)",
        ),
        ({"net": "values: 5", "rate": "formula: irr(net)"}, "period y1: #NUM!: the flows never change sign, so no rate makes"),
    ],
)
def test_messages_are_told_as_they_are(rows: dict[str, str], message: str) -> None:
    units = {"hours": "hours", "tickets": "number", "rate": "percent"}
    written = [
        f"  {key}: {{label: {key}, unit: {units.get(key, 'USD')}, '{row.partition(': ')[0]}': '{row.partition(': ')[2]}'}}"
        for key, row in rows.items()
    ]
    head = [
        "format: vos.model/1",
        "id: t",
        "title: t",
        "currency: USD",
        "conventions: {discount_rate: 0.1}",
        "periods: [y1, y2]",
        "rows:",
    ]
    with pytest.raises((FormulaError, ModelFileError)) as refused:
        compute(load_model("\n".join([*head, *written])))
    assert message in str(refused.value)
    assert message in GUIDE


def test_the_case_by_hand_has_the_engine_s_figures() -> None:
    rows = compute(case("intellum")).rows
    for key in ("A6", "At", "Atr"):
        for value in rows[key].values[1:]:
            assert printed(value) in GUIDE, (key, value)
    driver = next(one for one in compute(case("intellum")).drivers if one.key == "retention")
    assert (printed(driver.total), printed(driver.pv, 2)) == ("12,943,488", "10,041,989.48")
    assert "10,041,989.48" in GUIDE


def test_the_case_without_its_rounding_comes_to_what_the_guide_says() -> None:
    document = case("intellum")
    plain = tuple(row.model_copy(update={"round": None}) if row.key == "A5" else row for row in document.rows)
    retained = compute(document.model_copy(update={"rows": plain})).rows["A6"].values[2]
    assert f"would be {printed(retained)} instead of 90,828,000" in GUIDE


def test_the_measures_by_hand_have_the_engine_s_figures() -> None:
    document = case("textbook")
    computation = compute(document)
    measures = computation.measures
    for value in (
        *discounted(computation.benefits, document.conventions)[1:],
        *discounted(computation.costs, document.conventions)[1:],
        *discounted(computation.net, document.conventions)[1:],
        *measures.cumulative_discounted[1:],
        measures.pv_benefits,
        measures.pv_costs,
        measures.npv,
    ):
        assert printed(value, 2) in GUIDE, value
    assert all(f"{round(discount_factor(document.conventions, index), 6)}" in GUIDE for index in (1, 2, 3))
    assert measures.payback_text == "11 months"
    assert round(measures.payback_months or 0, 9) == Decimal("10.5")
    assert measures.irr == 1


def test_npv_of_a_row_with_an_initial_column_is_as_the_guide_says() -> None:
    document = case("textbook")
    rows = [
        {**row.model_dump(mode="json", exclude_none=True), "values": [str(v) for v in row.values or ()]} for row in document.rows
    ]
    rows += [
        {"key": "net", "label": "Net", "unit": "USD", "formula": "benefits - costs"},
        {"key": "worth", "label": "Worth", "unit": "USD", "formula": "npv(8%, net) * (1 + 8%)"},
    ]
    changed = ModelDocument.model_validate({**document.model_dump(mode="json", exclude={"rows", "expected"}), "rows": rows})
    assert printed(compute(changed).rows["worth"].values[0], 2) == "272,335.52"
