"""What is recognised in a sheet, one thing at a time, on sheets made for it."""

from decimal import Decimal

import pytest

from tests.valuefabric.domain.imports.conftest import Made, figures, refusal, row_of
from valuefabric.domain.imports import Choices, import_model
from valuefabric.domain.imports.workbook.periods import period_name
from valuefabric.domain.imports.workbook.unit_hints import currency_in, hint_of, is_unit_text, normal_unit
from valuefabric.domain.model import compute
from valuefabric.domain.spreadsheets.book import SheetCell


@pytest.mark.parametrize(
    ("text", "kind", "ordinal"),
    [
        ("Year 1", "year", 1), ("Yr. 2", "year", 2), ("Y3", "year", 3), ("FY26", "year", 2026), ("FY 2026E", "year", 2026),
        ("2026", "year", 2026), ("2026/27", "year", 2026), ("Q1 2026", "quarter", 8104), ("Q1'26", "quarter", 8104),
        ("1Q26", "quarter", 8104), ("2026 Q3", "quarter", 8106), ("H1 2026", "half", 4052), ("Jan-26", "month", 24312),
        ("January 2026", "month", 24312), ("2026-03", "month", 24314), ("Month 12", "month", 12), ("Initial", "initial", 0),
        ("Year 0", "initial", 0), ("Upfront", "initial", 0),
    ],
)  # fmt: skip
def test_period_names(text: str, kind: str, ordinal: int) -> None:
    found = period_name(SheetCell(text))

    assert found is not None
    assert (found.kind, found.ordinal) == (kind, ordinal)


@pytest.mark.parametrize("text", ["Total", "Unit", "Notes", "", "Yearly", "Q5 2026", "Model 1"])
def test_words_that_are_no_periods(text: str) -> None:
    assert period_name(SheetCell(text)) is None


@pytest.mark.parametrize(
    ("shown", "currency"),
    [
        ('"$"#,##0', "USD"),
        ("#,##0 [$€-407]", "EUR"),
        ("[$£-809]#,##0", "GBP"),
        ('#,##0 "CHF"', "CHF"),
        ("\\$#,##0", "USD"),
        ("0.0%", ""),
    ],
)
def test_currency_of_a_number_format(shown: str, currency: str) -> None:
    assert currency_in(shown) == currency


def test_units_as_people_write_them() -> None:
    assert [normal_unit(text, "USD") for text in ("$ / hr", "USD per hour", "%", "#", "hrs", "tickets/agent")] == [
        "USD/hours",
        "USD/hour",
        "percent",
        "number",
        "hours",
        "tickets/agent",
    ]
    assert is_unit_text("(hours)")
    assert not is_unit_text("Hours saved per ticket")
    assert hint_of("", "Fully loaded cost per hour", '"$"#,##0', "USD", 12).text == "USD/hour"
    assert hint_of("", "Time saved (hours)", "0.0", "USD", 12).text == "hours"


def test_a_wage_in_dollars_that_multiplies_hours_into_dollars_is_dollars_an_hour(made: Made) -> None:
    content = made([
        ["", "Unit", "Year 1", "Year 2"],
        ["Hours saved", "hours", 100, 200],
        ["Wage", "$", 40, 50],
        ["Total savings", "$", "=C2*C3", "=D2*D3"],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert [row_of(found, key).unit for key in ("hours_saved", "wage", "total_savings")] == ["hours", "USD/hour", "USD"]
    assert "by the formulas around it its unit is USD/hour, not USD" in [one.why for one in found.report.findings]


def hours_saved(made: Made, divisor: str, factor: str = "C2") -> bytes:
    return made([
        ["", "Unit", "Year 1", "Year 2"],
        ["Minutes saved", "minutes", 600, 1200],
        ["Hours saved", "hours", f"={factor}/{divisor}", f"={factor.replace('C', 'D')}/{divisor}"],
        ["Wage", "USD", 40, 50],
        ["Savings", "USD", "=C3*C4", "=D3*D4"],
        ["Total benefits", "USD", "=SUM(C5:C5)", "=SUM(D5:D5)"],
    ])  # fmt: skip


def test_a_bare_60_between_minutes_and_hours_becomes_a_row(made: Made) -> None:
    found = import_model(hours_saved(made, "60"), "a.xlsx")

    assert row_of(found, "hours_saved").formula == "minutes_saved / minutes_in_an_hour"
    assert row_of(found, "minutes_in_an_hour").unit == "minutes/hour"
    assert [row_of(found, key).unit for key in ("hours_saved", "wage", "savings")] == ["hours", "USD/hour", "USD"]
    assert row_of(found, "minutes_in_an_hour").source is not None
    [told] = [one for one in found.report.of("assumed") if "minutes in an hour" in one.why]
    assert (told.place, told.text) == ("Model!C3:D3", "=C2/60")
    assert found.report.differing == ()


def test_a_conversion_by_another_number_gives_the_words_up_and_keeps_the_money(made: Made) -> None:
    """Half of the minutes are used, says the sheet; 120 is no conversion that anybody would name."""
    for divisor, factor in (("120", "C2"), ("60", "7*60*C2")):
        found = import_model(hours_saved(made, divisor, factor), "a.xlsx")

        assert row_of(found, "hours_saved").unit == "number"
        assert row_of(found, "savings").role == "benefit"
        assert {one.text for one in found.report.of("assumed")} >= {"minute", "hour"}
        assert found.document is not None
        assert "minutes_in_an_hour" not in [row.key for row in found.document.rows]


def test_a_unit_column_takes_words_that_are_no_units_elsewhere(made: Made) -> None:
    content = made([
        ["", "Unit", "Year 1", "Year 2"],
        ["Invoices", "invoices", 100, 200],
        ["Cost of one", "kEUR / invoice", 2, 2],
        ["Late fees", "kEUR", 5, 6],
        ["Saved", "EUR", "=C2*C3", "=D2*D3"],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx", Choices(currency="EUR"))

    assert row_of(found, "invoices").unit == "invoices"
    assert row_of(found, "late_fees").unit == "EUR"
    assert any("thousands" in one.why for one in found.report.of("assumed"))


def test_a_row_that_looks_back_at_an_opening_value(made: Made) -> None:
    content = made([
        ["", "Opening", "Year 1", "Year 2", "Year 3"],
        ["Joiners", None, 10, 20, 30],
        ["People", 100, "=B3+C2", "=C3+D2", "=D3+E2"],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert found.document is not None
    assert row_of(found, "people").formula == "previous(people, people_opening) + joiners"
    assert compute(found.document).rows["people"].values == figures(110, 130, 160)


def test_a_first_figure_that_grows(made: Made) -> None:
    content = made([
        ["", "Year 1", "Year 2", "Year 3"],
        ["Growth", 0.1, 0.1, 0.1],
        ["Tickets", 1000, "=B3*(1+C2)", "=C3*(1+D2)"],
    ], {"C3": 1100, "D3": 1210})  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert row_of(found, "tickets").formula == "if(step(2) = 1, previous(tickets, 0) * (1 + growth), tickets_given)"
    assert row_of(found, "tickets_given").values == figures(1000, 0, 0)
    assert (found.report.agreeing, len(found.report.compared)) == (2, 2)


def test_a_figure_that_the_file_saved_otherwise_is_listed_with_its_cell(made: Made) -> None:
    content = made([
        ["", "Year 1", "Year 2"],
        ["Tickets", 1000, 1100],
        ["Twice", "=B2*2", "=C2*2"],
    ], {"B3": 2000, "C3": 2100})  # fmt: skip

    report = import_model(content, "a.xlsx").report

    (differs,) = report.differing
    assert (differs.place, differs.period, differs.saved, differs.computed) == (
        "Model!C3",
        "Year 2",
        Decimal(2100),
        Decimal(2200),
    )
    assert report.agreeing == 1


def test_headings_that_formulas_count_with_become_a_row(made: Made) -> None:
    content = made([
        ["Value", 2026, 2027, 2028],
        ["Rate", 0.1, 0.1, 0.1],
        ["Factor", "=1/(1+B2)^(B1-2025)", "=1/(1+C2)^(C1-2025)", "=1/(1+D2)^(D1-2025)"],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert found.document is not None
    assert row_of(found, "factor").formula == "1 / (1 + rate) ^ (number_of_the_period - 2025)"
    assert row_of(found, "number_of_the_period").values == figures(2026, 2027, 2028)


def test_quarters_step_over_the_years_totals_between_them(made: Made) -> None:
    content = made([
        ["", "Q1 2026", "Q2 2026", "Q3 2026", "Q4 2026", "FY26", "Q1 2027"],
        ["Savings", 1, 2, 3, 4, "=SUM(B2:E2)", 5],
    ], {"F2": 10})  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert found.document is not None
    assert found.document.conventions.months_per_period == 3
    assert row_of(found, "savings").values == figures(1, 2, 3, 4, 5)


def test_net_flow_says_what_counts_where_there_are_no_totals(made: Made) -> None:
    content = made([
        ["", "Year 1", "Year 2"],
        ["Labour freed ($)", 100, 100],
        ["Licences ($)", 30, 30],
        ["Net cash flow ($)", "=B2-B3", "=C2-C3"],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert (row_of(found, "labour_freed").role, row_of(found, "licences").role) == ("benefit", "cost")


def test_headings_say_what_counts_where_nothing_adds_it_up(made: Made) -> None:
    content = made([
        ["", "Unit", "Year 1", "Year 2"],
        ["Benefits"],
        ["Fewer tickets", "USD", 100, 100],
        ["Costs"],
        ["Rollout", "USD", 30, 30],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert (row_of(found, "fewer_tickets").role, row_of(found, "rollout").role) == ("benefit", "cost")


def test_npv_over_the_first_column_is_told_apart_from_the_models_own(made: Made) -> None:
    content = made([
        ["Discount rate", 0.1],
        ["", "Initial", "Year 1", "Year 2"],
        ["Savings ($)", 0, 100, 100],
        ["Investment ($)", 100, 0, 0],
        ["Net cash flow ($)", "=B3-B4", "=C3-C4", "=D3-D4"],
        ["NPV", "=NPV(B1,B5:D5)"],
    ], {"B5": -100, "C5": 100, "D5": 100, "B6": 66.8670172802404})  # fmt: skip

    found = import_model(content, "a.xlsx")

    (told,) = [one for one in found.report.findings if one.place == "Model!B6"]
    assert told.why.endswith("the sheet discounts the first column too, as NPV() does")
    assert found.report.agreeing == len(found.report.compared) == 4


def test_a_sheet_of_other_periods_is_left_out_and_said(made: Made) -> None:
    content = made([
        ["", "Year 1", "Year 2", "Year 3"],
        ["Savings", 1, 2, 3],
        [],
        ["", "Q1", "Q2"],
        ["Detail", 1, 2],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert found.document is not None
    assert [row.key for row in found.document.rows] == ["savings"]
    assert [one.place for one in found.report.of("not_understood")] == ["Model!B4:C5"]


def test_a_switch_by_text_is_taken_as_it_stands(made: Made) -> None:
    content = made([
        ["Scenario", "High"],
        ["", "Year 1", "Year 2"],
        ["Savings", '=IF($B$1="High",20,10)', '=IF($B$1="High",20,10)'],
    ])  # fmt: skip

    found = import_model(content, "a.xlsx")

    assert row_of(found, "savings").formula == "20"
    assert [one.why for one in found.report.of("assumed") if "switch by text" in one.why]


def test_a_workbook_saved_without_results_says_that_nothing_was_compared(made: Made) -> None:
    content = made([["", "Year 1", "Year 2"], ["A", 1, 2], ["B", "=B2*2", "=C2*2"]])

    report = import_model(content, "a.xlsx").report

    assert report.compared == ()
    assert any("saved without the results" in one.why for one in report.of("assumed"))


def test_a_workbook_without_periods_is_refused_with_what_to_do(made: Made) -> None:
    found = import_model(made([["Savings", 100], ["Costs", 50]]), "a.xlsx")

    assert "no row names periods over figures" in refusal(found)
    assert "one row above the figures" in found.report.findings[-1].advice


def test_nothing_is_imported_by_half_when_no_row_can_be_computed(made: Made) -> None:
    content = made([["", "Year 1", "Year 2"], ["A", '=INDIRECT("B9")', '=INDIRECT("B9")']])

    found = import_model(content, "a.xlsx")

    assert refusal(found) == "no row of the workbook can be computed"
    assert [one.why for one in found.report.of("not_understood")] == [
        "our grammar has no function INDIRECT, and the file was saved without its result"
    ]


def test_the_name_of_the_file_decides_nothing(made: Made) -> None:
    content = made([["", "Year 1", "Year 2"], ["A", 1, 2]])

    assert import_model(content, "model.yaml").document is not None
    assert import_model(b"format: vos.model/1\nid: x\n", "a.xlsx").report.format == "text"
    assert import_model(content, "a.xlsx", Choices(default_currency="CHF")).document.currency == "CHF"  # type: ignore[union-attr]
