"""The workbook recomputes to the same cents in an independent engine, and stays a document when its texts are hostile."""

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import ironcalc
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from tests.factories.formulas import INPUTS, smooth_formulas
from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.model import ModelDocument, Scenario, compute, load_model
from valuefabric.exports.workbook import WorkbookError, workbook
from valuefabric.exports.workbook_layout import FIRST_PERIOD, Layout

CASES = Path(__file__).parents[1] / "cases"
CENT = Decimal("0.005")
SUMMARY, MODEL, ASSUMPTIONS = 0, 1, 2
Sheet = Callable[[ModelDocument, Scenario], Any]


def load(name: str) -> ModelDocument:
    return load_model((CASES / f"{name}.yaml").read_text())


@pytest.fixture
def recompute(tmp_path: Path) -> Sheet:
    """The workbook of a document, opened and recalculated by ironcalc."""

    def opened(document: ModelDocument, scenario: Scenario = "base") -> Any:
        path = tmp_path / "case.xlsx"
        path.write_bytes(workbook(document, compute(document, scenario=scenario)))
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        model.evaluate()
        return model

    return opened


def summary_of(model: Any) -> dict[str, Any]:
    """The labels and values of the first sheet."""
    return {model.get_formatted_cell_value(SUMMARY, row, 1): model.get_cell_value(SUMMARY, row, 2) for row in range(1, 40)}


def assert_same(document: ModelDocument, model: Any, scenario: Scenario = "base") -> None:
    """Every row, driver and measure agrees to the cent."""
    computed, layout, shown = compute(document, scenario=scenario), Layout(document), summary_of(model)
    for key, row in computed.rows.items():
        for period, value in enumerate(row.values):
            cell = model.get_cell_value(MODEL, layout.model_rows[key] + 1, FIRST_PERIOD + period + 1)
            assert abs(Decimal(cell) - value) < CENT, (key, period)
    measures = computed.measures
    for label, value in (
        ("Total benefits", measures.total_benefits),
        ("Total costs", measures.total_costs),
        ("Present value of benefits", measures.pv_benefits),
        ("Present value of costs", measures.pv_costs),
        ("Net present value", measures.npv),
    ):
        assert abs(Decimal(shown[label]) - value) < CENT, label
    for label, fraction in (
        ("Return on investment", measures.roi_pct and measures.roi_pct / 100),
        ("Internal rate of return", measures.irr),
    ):
        if fraction is None:
            assert shown[label] == "none"
        else:
            assert abs(Decimal(shown[label]) - fraction) < Decimal("0.000001"), label
    assert shown["Payback"] == measures.payback_text
    for period, value in enumerate(measures.cumulative_discounted):
        cell = model.get_cell_value(MODEL, layout.flow_rows["cumulative_discounted"] + 1, FIRST_PERIOD + period + 1)
        assert abs(Decimal(cell) - value) < CENT
    for driver in computed.drivers:
        assert not driver.measured or abs(Decimal(shown[driver.label]) - driver.total) < CENT


@pytest.mark.parametrize("name", ["intellum", "salesloft", "textbook"])
def test_recomputes_to_the_same_cents(name: str, recompute: Sheet) -> None:
    document = load(name)
    assert_same(document, recompute(document, "base"))


@pytest.mark.parametrize("scenario", ["low", "high"])
def test_is_exported_in_a_scenario(scenario: Scenario, recompute: Sheet) -> None:
    document = load("intellum")
    assert_same(document, recompute(document, scenario), scenario)


@pytest.mark.parametrize("scenario", ["low", "high"])
def test_switching_the_scenario_in_the_sheet_recomputes_it(scenario: Scenario, recompute: Sheet) -> None:
    document = load("intellum")
    model = recompute(document, "base")
    model.set_user_input(SUMMARY, 5, 2, scenario)
    model.evaluate()
    assert_same(document, model, scenario)


def test_changing_the_discount_rate_in_the_sheet_recomputes_it(recompute: Sheet) -> None:
    document = load("salesloft")
    model = recompute(document, "base")
    model.set_user_input(SUMMARY, 6, 2, "0.25")
    model.evaluate()
    conventions = document.conventions.model_copy(update={"discount_rate": Decimal("0.25")})
    assert_same(document.model_copy(update={"conventions": conventions}), model)


def test_changing_an_assumption_in_the_sheet_recomputes_it(recompute: Sheet) -> None:
    document = load("intellum")
    layout, model = Layout(document), recompute(document, "base")
    for period in range(3):
        model.set_user_input(ASSUMPTIONS, layout.assumption_rows["A4"] + 1, layout.assumption_column("base", period) + 1, "0.15")
    model.evaluate()
    rows = tuple(row.model_copy(update={"values": (Decimal("0.15"),) * 3}) if row.key == "A4" else row for row in document.rows)
    assert_same(document.model_copy(update={"rows": rows}), model)


@pytest.mark.parametrize(
    "conventions",
    [
        {"discounting": "mid_year"},
        {"discounting": "mid_year", "initial_period": "none"},
        {"initial_period": "none"},
        {"months_per_period": 3},
        {"discounting": "mid_year", "months_per_period": 6},
        {"payback": "period_end", "payback_floor_months": 0},
        {"payback_flows": "discounted", "payback_floor_months": 0},
    ],
)
@pytest.mark.parametrize("name", ["salesloft", "textbook"])
def test_every_convention_recomputes(name: str, conventions: dict[str, Any], recompute: Sheet) -> None:
    document = load(name)
    changed = document.model_copy(update={"conventions": document.conventions.model_copy(update=conventions)})
    assert_same(changed, recompute(changed, "base"))


def small(rows: dict[str, Any], **more: Any) -> ModelDocument:
    keyed = {key: {"label": key, "unit": "USD", **row} for key, row in rows.items()}
    plain = {"id": "t", "title": "t", "currency": "USD", "conventions": {"discount_rate": "0.1"}, "periods": ["y1", "y2", "y3"]}
    return ModelDocument.model_validate({**plain, "rows": keyed, **more})


def test_risk_adjustment_and_rounding_of_rows_recompute(recompute: Sheet) -> None:
    document = small(
        {
            "gain": {
                "values": ["100.5", "200.4", "2.5"],
                "round": 0,
                "risk_adjustment": "15%",
                "role": "benefit",
                "low": 1,
                "high": 900,
            },
            "spent": {"formula": "gain / 3", "round": 2, "risk_adjustment": "0.1", "role": "cost"},
        }
    )
    for scenario in ("base", "low", "high"):
        assert_same(document, recompute(document, scenario), scenario)


def test_uncounted_and_unmeasured_drivers_stay_outside_the_number(recompute: Sheet) -> None:
    drivers = {
        "sales": {"label": "Sales", "impact": "revenue"},
        "support": {"label": "Support", "impact": "cost", "counted": False},
        "unknown": {"label": "Unknown", "impact": "risk", "counted": False},
    }
    rows = {"a": {"values": 10, "role": "benefit", "driver": "sales"}, "b": {"values": 5, "role": "benefit", "driver": "support"}}
    document = small(rows, drivers=drivers)
    model = recompute(document, "base")
    assert_same(document, model)
    assert summary_of(model)["Unknown"] == "not measured"
    assert summary_of(model)["Total benefits"] == 30


def test_payback_that_dips_again_recomputes(recompute: Sheet) -> None:
    rows = {"gain": {"values": [100, 0, 200], "role": "benefit"}, "spent": {"values": [50, 100, 0], "role": "cost"}}
    for initial in ("none", "undiscounted"):
        document = small(rows, conventions={"discount_rate": "0.1", "initial_period": initial})
        assert_same(document, recompute(document, "base"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(formula=smooth_formulas)
def test_random_formulas_recompute(formula: str, recompute: Sheet) -> None:
    rows: dict[str, Any] = {key: {"values": values, "unit": "number"} for key, values in INPUTS.items()}
    document = small(
        {**rows, "x": {"formula": formula, "unit": "number"}, "y": {"formula": "x + previous(y, a)", "unit": "number"}}
    )
    try:
        computed = compute(document)
    except FormulaError:
        return  # division by zero and the like: there is no workbook of it
    model, layout = recompute(document, "base"), Layout(document)
    for key in ("x", "y"):
        for period, value in enumerate(computed.rows[key].values):
            cell = model.get_cell_value(MODEL, layout.model_rows[key] + 1, FIRST_PERIOD + period + 1)
            assert abs(Decimal(cell) - value) <= max(CENT, abs(value) * Decimal("1e-9")), (key, period)


HOSTILE = [
    "=1+1",
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1",
    '=HYPERLINK("http://x","y")',
    "=IMPORTXML(A1)",
    "%0A=1",
    "|x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_formula_injection_is_stored_as_text(text: str) -> None:
    source = {"kind": "evidence", "reference": text, "quotation": text}
    document = small(
        {"a": {"label": text, "values": 1, "role": "benefit", "driver": "d", "note": text, "source": source}},
        title=text,
        source=text,
        drivers={"d": {"label": text, "impact": "revenue"}},
        period_labels={"y1": text},
        notes=[text],
    )
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    stored = [cell for cell in cells if str(cell.value).replace("_x000D_", "\r") == text and cell.data_type != "f"]
    assert len(stored) >= 8
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert not any("cmd" in formula or "HYPERLINK" in formula or "IMPORTXML" in formula for formula in formulas)


def test_injected_labels_keep_their_quote_prefix() -> None:
    document = small({"a": {"label": "=1+1", "values": 1}})
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    labels = [cell for row in book["Model"].iter_rows(max_col=1) for cell in row if cell.value == "=1+1"]
    assert [cell.quotePrefix for cell in labels] == [True]


def test_only_engine_made_formulas_are_in_the_sheet() -> None:
    document = load("intellum")
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    cell = book["Model"]["E11"]
    assert cell.value == "=ROUND((E6+D11)*D10,0)"
    assert book["Model"]["D11"].value == "=ROUND((D6+(0))*(0),0)"
    haircut = next(row[0].row for row in book["Model"].iter_rows(min_col=2, max_col=2) if row[0].value == "haircut")
    assert book["Model"]["D14"].value == f"=D13*(1-D{haircut})"


def test_hostile_texts_in_the_footer_are_no_commands() -> None:
    document = small({"a": {"values": 1}}, title='&K000000&"Wingdings"R&D ' + "x" * 400)
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    assert "&&K000000&&" in zipfile.ZipFile(BytesIO(workbook(document, compute(document)))).read(
        "xl/worksheets/sheet1.xml"
    ).decode().replace("&amp;", "&")
    assert book["Summary"]["A1"].value == document.title


def test_control_characters_and_long_texts_survive() -> None:
    document = small({"a": {"label": "bell \x07 and \ufffe", "values": 1, "note": "n" * 5000}})
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    assert any(cell.value == "n" * 5000 for row in book["Assumptions"].iter_rows() for cell in row)


def test_external_links_and_macros_are_absent() -> None:
    names = zipfile.ZipFile(BytesIO(workbook(load("intellum"), compute(load("intellum"))))).namelist()
    assert not [name for name in names if "external" in name.lower() or "vba" in name.lower()]


def test_the_same_case_gives_the_same_bytes() -> None:
    document = load("intellum")
    assert workbook(document, compute(document)) == workbook(document, compute(document))
    later = workbook(document, compute(document), created_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert later != workbook(document, compute(document))


def test_cached_figures_are_there_before_a_recalculation() -> None:
    document = load("salesloft")
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))), data_only=True)
    assert round(book["Summary"]["B13"].value) == 5496170
    assert book["Summary"]["B16"].value == "less than 6 months"


def test_a_computation_of_something_else_is_refused() -> None:
    document = load("intellum")
    with pytest.raises(WorkbookError, match="not of this document"):
        workbook(document, compute(load("textbook")))
    with pytest.raises(WorkbookError, match="not of this document"):
        workbook(document, compute(document, overrides={"A7": [Decimal("0.5")] * 3}))


def test_sheets_are_set_for_reading_and_print() -> None:
    document = load("intellum")
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    assert book.sheetnames == ["Summary", "Model", "Assumptions", "Sources", "Scenarios"]
    model = book["Model"]
    assert model.freeze_panes == "D5"
    assert model.page_setup.orientation == "landscape"
    assert model.print_title_rows == "$4:$4"
    assert model.column_dimensions["A"].width > 40
    assert model["D7"].number_format == "0.0%"
    assert model["D6"].number_format.startswith("#,##0;")


def test_each_source_is_listed_once_with_its_rows() -> None:
    source = {"kind": "evidence", "reference": "E-1", "quotation": "about 10", "start": 3, "end": 11}
    document = small({"a": {"values": 1, "source": source}, "b": {"values": 2, "source": source}, "c": {"values": 3}})
    book = openpyxl.load_workbook(BytesIO(workbook(document, compute(document))))
    lines = [[cell.value for cell in row] for row in book["Sources"].iter_rows(min_row=5)]
    assert lines == [[1, "evidence", "E-1", "about 10", "3 to 11", "a, b"]]
