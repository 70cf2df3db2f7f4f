"""What counts as equal, as different, as found, and as not covered."""

from collections import Counter
from decimal import Decimal

import pytest

from valuefabric.domain.conformance import check_workbook
from valuefabric.domain.conformance.report import as_json, as_text


def outcome(make, formula: str, saved, cells=None, names=None) -> str:  # type: ignore[no-untyped-def]
    """How one formula comes out, or why it is not covered."""
    found = check_workbook(make({"F1": (formula, saved)}, cells, names))
    return found.cells[0].outcome if found.cells else next(iter(found.not_covered))


@pytest.mark.parametrize(
    ("formula", "saved", "expected"),
    [
        ("=100*1.1", 110, "equal"),
        ("=100*1.1", 110.0000001, "equal"),  # 0.9e-9 of it
        ("=100*1.1", 110.0000002, "different"),  # 1.8e-9
        ("=1000000.1-1000000", 0.0999999999767169, "equal"),  # 15 digits of a million
        ("=1000000.1-1000000", 0.10001, "different"),
        ("=1>2", False, "equal"),
        ("=1>2", True, "different"),
        ("=IF(1>2,1)", False, "equal"),
        ("=1/0", "#DIV/0!", "equal"),
        ("=1/0", "#NUM!", "different"),
        ("=1/0", 5, "different"),
        ("=1/2", "#DIV/0!", "different"),
        ("=IRR(A1:C1)", 0.130662386291807, "equal"),
        ("=IRR(A1:C1)", 0.130662391, "equal"),  # within the 1e-8 of a search
        ("=IRR(A1:C1)", 0.1306624, "different"),
        ("=IRR(A1:C1)", "#NUM!", "found"),
        ("=IRR(A1:C1)", "#REF!", "different"),
        ("=NPV(10%,A1:C1)", "#NUM!", "different"),
        ("=IRR(B1:C1)", "#NUM!", "equal"),
        ("=#N/A", "#N/A", "equal"),
        ("=IF(1>0,2,#N/A)", 2, "equal"),
        ("=IF(1>0,#N/A,2)", "#N/A", "equal"),
        ("=SUM(A1:D1)", "#REF!", "equal"),
        ("=D1*2", "#REF!", "equal"),
        ("=NPV(1%,A1:D1)", "#REF!", "equal"),
        ("=IRR(A1:D1)", "#REF!", "equal"),
        ("=PMT(D1,10,100)", "#REF!", "equal"),
        ("=XIRR(A1:B1,B1:C1)", "#NUM!", "equal"),
    ],
)
def test_outcomes(workbook, formula: str, saved: float | str | bool, expected: str) -> None:  # type: ignore[no-untyped-def]
    cells = {"A1": -100, "B1": 60, "C1": 60}
    book = workbook({"D1": ("=Gone", "#REF!"), "F1": (formula, saved)}, cells)
    assert check_workbook(book).cells[-1].outcome == expected


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("=VLOOKUP(1,A1:C1,1)", "function VLOOKUP"),
        ("=_xlfn.XLOOKUP(1,A1,B1)", "function XLOOKUP"),
        ("=A1:C1*2", "a range where one value is expected"),
        ("=1+E1", "a cell with a text where a number is expected"),
        ('="a"', "a text"),
        ('=A1&"x"', "a text joined with &"),
        ("=(A1>1)=(B1>1)", "a comparison of conditions"),
        ("=NOWHERE*2", "a name that stands for no single range"),
        ("=ROUND(A1,B1/30)", "ROUND to a number of digits that is computed"),
        ("=ROUND(A1,13)", "ROUND beyond 12 digits"),
        ("=PMT(1,2)", "PMT with 2 arguments"),
        ("=IRR(5)", "a series that is no range"),
        ("=2^101", "an exponent beyond 100"),
        ("=10^40*10^40", "a result beyond 10^61"),
        ("=SUM(A1:Z1000)", "a range of more than 1,000 cells"),
        ("=AND(A1:A100)", "a condition over more than 50 cells"),
    ],
)
def test_what_our_grammar_does_not_have_is_not_covered(workbook, formula: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    assert outcome(workbook, formula, 1, {"A1": 5, "B1": 60, "C1": 60, "E1": "text"}) == reason


def test_a_formula_without_a_number_as_its_saved_result_is_not_covered(workbook) -> None:  # type: ignore[no-untyped-def]
    assert outcome(workbook, "=1+1", "two") == "a text as the result"
    assert outcome(workbook, "=1+1", "") == "no saved result"


def test_names_cells_and_signs_of_a_workbook(workbook) -> None:  # type: ignore[no-untyped-def]
    cells = {"A1": 0.1, "A2": -100, "A3": 110, "A4": True}
    names = {"rate": "=Sheet1!$A$1", "flows": "=Sheet1!$A$2:$A$3"}
    assert outcome(workbook, "=NPV(rate,flows)*-1+5%", 0.05, cells, names) == "equal"
    assert outcome(workbook, "=SUM(flows,a4)+A4", 11, cells, names) == "equal"  # TRUE counts alone and not in a range
    assert outcome(workbook, "=ROUND($A$2/3,A9)", -33, cells, names) == "equal"  # a blank is 0 digits
    assert outcome(workbook, "=ROUND(1234.5,-(2))", 1200, cells, names) == "equal"


def test_a_formula_that_is_filled_down_is_compiled_once(workbook, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from valuefabric.domain.conformance import evaluation

    compiled = []
    real = evaluation.compile_expression
    monkeypatch.setattr(evaluation, "compile_expression", lambda tree, names: compiled.append(tree) or real(tree, names))
    book = workbook({f"B{row}": (f"=A{row}*2+1", row * 2 + 1) for row in range(1, 31)}, {f"A{row}": row for row in range(1, 31)})
    assert Counter(cell.outcome for cell in check_workbook(book).cells) == {"equal": 30}
    assert len(compiled) == 1


def test_libreoffices_stand_in_codes_count_as_each_other_in_its_files_only(workbook, repacked) -> None:  # type: ignore[no-untyped-def]
    book = workbook({"F1": ("=MIRR(A1:B1,0,0)", "#VALUE!")}, {"A1": 1, "B1": 2})
    application = b"<Properties><Application>LibreOffice/7.4.7.2</Application></Properties>"
    assert [cell.outcome for cell in check_workbook(book).cells] == ["different"]
    assert [cell.outcome for cell in check_workbook(repacked(book, {"docProps/app.xml": application})).cells] == ["equal"]


def test_the_report_names_cell_formula_both_results_and_the_difference(workbook) -> None:  # type: ignore[no-untyped-def]
    checked = check_workbook(workbook({"B2": ("=A1*2", 21), "B3": ("=FOO(1)", 1), "B4": ("=A1", 10)}, {"A1": 10}))
    text = as_text({"case.xlsx": checked}, {"bad.xlsx": "it is no workbook"})
    assert "case.xlsx: 1 of 2 equal, saved by Microsoft Excel" in text
    assert "DIFFERENT Sheet1!B2  =A1*2  saved 21, ours 20, difference -1" in text
    assert "     1  function FOO" in text
    assert "bad.xlsx: cannot be used: it is no workbook" in text
    assert "3 formulas: 2 covered, 1 not\nof those covered: 1 equal, 1 different" in text


def test_the_json_report_keeps_all_digits(workbook) -> None:  # type: ignore[no-untyped-def]
    import json

    checked = check_workbook(workbook({"B2": ("=1/3", 0.25)}))
    document = json.loads(as_json({"case.xlsx": checked}, {}))
    assert (document["covered"], document["equal"], document["different"], document["not_covered"]) == (1, 0, 1, {})
    assert document["workbooks"][0]["different"] == [
        {
            "cell": "Sheet1!B2",
            "formula": "=1/3",
            "saved": "0.25",
            "ours": "0.3333333333333333333333333333333333",
            "difference": "0.0833333333333333333333333333333333",
            "why": None,
        }
    ]


def test_decimal_places_of_saved_results_are_what_was_saved(workbook) -> None:  # type: ignore[no-untyped-def]
    checked = check_workbook(workbook({"B2": ("=0.1+0.2", 0.3)}))
    assert checked.cells[0].saved == Decimal("0.3")
