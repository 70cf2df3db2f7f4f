"""Our functions against a real spreadsheet's results (tests/valuefabric/conformance/README.md), and a second program's."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import ironcalc
import pytest

from valuefabric.domain.conformance import CheckedWorkbook, check_workbook
from valuefabric.domain.conformance.comparison import equal
from valuefabric.domain.conformance.values import CellError, Value
from valuefabric.domain.conformance.workbook import read_workbook

WORKBOOKS = Path(__file__).parents[2] / "conformance" / "workbooks"


def checked(name: str) -> CheckedWorkbook:
    return check_workbook((WORKBOOKS / f"{name}.xlsx").read_bytes())


@pytest.mark.parametrize(
    ("name", "formulas"),
    [
        ("published", 19),
        ("payments", 292),
        ("flows", 420),
        ("dates", 175),
        ("arithmetic", 113),
        ("random_formulas", 200),
        ("business_case", 63),
    ],
)
def test_every_result_of_the_spreadsheet_is_ours(name: str, formulas: int) -> None:
    workbook = checked(name)
    assert [(cell.name, cell.formula, cell.saved, cell.ours) for cell in workbook.cells if cell.outcome != "equal"] == []
    assert len(workbook.cells) == formulas
    assert workbook.program.startswith("LibreOffice/7.4")


def test_what_is_not_covered_is_counted_by_reason() -> None:
    assert checked("business_case").not_covered == Counter({"function VLOOKUP": 1, "function TEXT": 1})
    assert checked("payments").not_covered == Counter({"a result beyond 10^61": 2})


def test_published_examples_have_the_printed_values() -> None:
    content = (WORKBOOKS / "published.xlsx").read_bytes()
    values = read_workbook(content).values
    by_row = {place.row: value for place, value in values.items() if place.column == 3}
    places = {cell.name: cell.place for cell in read_workbook(content).formulas}
    for cell in check_workbook(content).cells:
        printed = by_row[places[cell.name].row]
        assert isinstance(printed, Decimal)
        assert isinstance(cell.ours, Decimal)
        if cell.formula.startswith("XIRR"):
            assert abs(cell.ours - printed) < Decimal("2e-9")  # printed with one digit more than the search has
        else:
            assert round(cell.ours, -int(printed.as_tuple().exponent)) == printed, cell.formula


def test_degenerate_cases_are_equal_or_solved_where_the_spreadsheet_gave_up() -> None:
    workbook = checked("degenerate")
    assert workbook.with_outcome("different") == ()
    assert {cell.formula: str(cell.ours) for cell in workbook.with_outcome("found") if "*" not in cell.formula} == {
        "IRR(L9:M9)": "-0.5",
        "IRR(L10:N10)": "-0.894875078027496",
        "IRR(L11:M11)": "999999999",
        "XIRR(L51:M51,N51:O51)": "-0.99999999999",
    }
    assert len(workbook.with_outcome("equal")) == 102


def test_known_differences_are_these_and_no_others() -> None:
    different = checked("known_differences").with_outcome("different")
    assert [(cell.formula.split("(")[0], str(cell.saved)[:8], str(cell.ours)[:8]) for cell in different] == [
        ("IRR", "7.872356", "0"),  # a double rate: the spreadsheet stops 8e-8 beside it
        ("IRR", "0.053820", "0.1"),  # a truth value in a range counts 1 in Calc, nothing elsewhere
        ("SUM", "2", "1"),
        ("FV", "-239500.", "-239500."),  # 1 + 1e-8 has no more digits in binary
        ("0^0", "1", "#NUM!"),
        ("POWER", "-2", "#NUM!"),
        ("IRR", "0.130662", "#VALUE!"),  # a guess of -100 %
        ("XNPV", "5.868269", "#NUM!"),  # a day before the first one
        ("XIRR", "0.295069", "#NUM!"),
        ("XNPV", "-320", "#NUM!"),  # a rate below -100 %
    ]


@pytest.mark.parametrize("name", ["published", "payments", "arithmetic", "random_formulas", "business_case"])
def test_a_second_program_agrees_error_codes_included(name: str) -> None:
    path = WORKBOOKS / f"{name}.xlsx"
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    sheets = [sheet["name"].lower() for sheet in model.get_worksheets_properties()]
    places = {cell.name: cell.place for cell in read_workbook(path.read_bytes()).formulas}
    for cell in checked(name).cells:
        place = places[cell.name]
        theirs = _value(model.get_cell_value(sheets.index(place.sheet), place.row, place.column))
        assert equal(theirs, cell.ours, Decimal(10**6), program="ironcalc"), (cell.name, cell.formula, theirs, cell.ours)


def _value(value: float | str | bool) -> Value:
    if isinstance(value, str):
        return CellError(value)
    return value if isinstance(value, bool) else Decimal(repr(value))
