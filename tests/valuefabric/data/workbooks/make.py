"""Writes the workbooks of this folder without results; README.md says how they got them."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName

DOLLARS, EUROS, SHARE = '"$"#,##0', "#,##0 [$€-407]", "0.0%"


def support_automation() -> openpyxl.Workbook:
    """Assumptions apart, an initial column and three years."""
    book = openpyxl.Workbook()
    inputs = book.active
    inputs.title = "Assumptions"
    for row in (
        ["Assumptions"],
        [],
        ["Customer", "Northwind Traders"],
        ["Discount rate", 0.1, "%", "Finance team"],
        ["Support agents", 120, "people", "HR"],
        ["Fully loaded cost per hour", 45, "USD/hour", "Payroll"],
        ["Hours saved per agent per week", 2.5, "hours", "Pilot, May"],
        ["Working weeks per year", 46, "weeks"],
        ["Wage growth", 0.03, "%", "CFO"],
        ["Adoption year 1", 0.4, "%", "Plan"],
    ):
        inputs.append(row)
    for row in (4, 9, 10):
        inputs.cell(row, 2).number_format = SHARE
    inputs["B6"].number_format = DOLLARS
    book.defined_names["WageGrowth"] = DefinedName("WageGrowth", attr_text="Assumptions!$B$9")
    model = book.create_sheet("Model")
    years = "CDEF"
    for row in (
        ["Support automation business case"],
        [],
        ["", "Unit", "Initial", "Year 1", "Year 2", "Year 3", "Total"],
        ["Benefits"],
        ["Adoption", "%", 0, "=Assumptions!$B$10", 0.7, 0.9],
        ["Cost per hour", "USD/hour", "=Assumptions!B6", "=C6", "=D6*(1+WageGrowth)", "=E6*(1+WageGrowth)"],
        ["Hours saved", "hours", *(f"=Assumptions!$B$5*Assumptions!$B$7*Assumptions!$B$8*{c}5" for c in years)],
        ["Support productivity", "USD", *(f"={c}7*{c}6" for c in years), "=SUM(C8:F8)"],
        ["Tool retirement", "USD", 0, 30000, 30000, 30000, "=SUM(C9:F9)"],
        ["Total benefits", "USD", *(f"=SUM({c}8:{c}9)" for c in years), "=SUM(C10:F10)"],
        ["Costs"],
        ["Subscription", "USD", 0, 90000, 90000, 90000, "=SUM(C12:F12)"],
        ["Implementation", "USD", 60000, 0, 0, 0, "=SUM(C13:F13)"],
        ["Total costs", "USD", *(f"={c}12+{c}13" for c in years), "=SUM(C14:F14)"],
        [],
        ["Net cash flow", "USD", *(f"={c}10-{c}14" for c in years), "=SUM(C16:F16)"],
        ["Cumulative cash flow", "USD", *(f"=SUM($C16:{c}16)" for c in years)],
        [],
        ["NPV", "", "=C16+NPV(Assumptions!B4,D16:F16)"],
        ["IRR", "", "=IRR(C16:F16)"],
        ["ROI", "", "=G10/G14-1"],
    ):
        model.append(row)
    for cells, shown in (("C6:G19", DOLLARS), ("C7:F7", "#,##0"), ("C5:F5", "0%"), ("C20:C21", SHARE)):
        for line in model[cells]:
            for cell in line:
                cell.number_format = shown
    return book


def fleet_telematics() -> openpyxl.Workbook:
    """Months as dates, a range beside each input, costs as negative figures."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Business case"
    sheet["A1"] = "Fleet telematics: value for Hansen Logistik GmbH"
    sheet["A3"] = "Inputs"
    for row, line in enumerate(
        (
            ["Assumption", "Low", "Base", "High", "Unit", "Source"],
            ["Vehicles", None, 240, None, "#", "Fleet list"],
            ["Fuel per vehicle and month", None, 820, None, "EUR", "Fuel cards 2025"],
            ["Fuel saved", 0.03, 0.05, 0.08, "%", "Pilot with 20 vehicles"],
            ["Accidents per month", None, 3, None, "#", "Insurer"],
            ["Cost per accident", 2500, 3100, 4000, "EUR", "Insurer"],
            ["Accidents avoided", 0.05, 0.1, 0.2, "%", "Benchmark"],
            ["Price per vehicle and month", None, 19, None, "EUR", "Quote"],
            ["Installation per vehicle", None, 85, None, "EUR", "Quote"],
            ["WACC", None, 0.08, None, "%", "CFO"],
            ["Scenario (1 low, 2 base, 3 high)", None, 2, None, "#"],
        ),
        4,
    ):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(row, column, value)
            cell.number_format = EUROS if line[4:5] == ["EUR"] else SHARE if line[4:5] == ["%"] else "General"
    sheet["A16"] = "Rollout"
    for month in range(12):
        sheet.cell(18, 3 + month, dt.date(2026, month + 1, 1)).number_format = "mmm-yy"
    sheet.cell(18, 2, "Note")
    sheet.cell(18, 15, "Total")
    for row, label, formula, shown in _fleet_lines():
        sheet.cell(row, 1, label)
        for month in range(12):
            column, before = get_column_letter(3 + month), get_column_letter(2 + month)
            sheet.cell(row, 3 + month, formula(month, column, before)).number_format = shown
        if shown == EUROS and row != 31:
            sheet.cell(row, 15, f"=SUM(C{row}:N{row})").number_format = EUROS
    sheet["B19"] = "60 a month"
    sheet["A21"], sheet["A25"] = "Savings", "Costs"
    sheet["A33"], sheet["C33"] = "Net present value", "=NPV((1+C13)^(1/12)-1,C30:N30)"
    sheet["A34"], sheet["C34"] = "Return on investment", "=O30/-O28"
    sheet["A35"], sheet["C35"] = "Break-even month", "=INDEX(C18:N18,MATCH(TRUE,INDEX(C31:N31>0,0),0))"
    sheet["C33"].number_format, sheet["C34"].number_format, sheet["C35"].number_format = EUROS, "0%", "mmm-yy"
    return book


def _fleet_lines() -> list[tuple[int, str, Callable[[int, str, str], str], str]]:
    return [
        (19, "Vehicles equipped", lambda m, c, p: f"=MIN($C$5,{p}19+60)" if m else "=MIN($C$5,60)", "#,##0"),
        (20, "Share equipped", lambda m, c, p: f"=IFERROR({c}19/$C$5,0)", "0%"),
        (22, "Fuel savings", lambda m, c, p: f"={c}19*$C$6*CHOOSE($C$14,$B$7,$C$7,$D$7)", EUROS),
        (23, "Avoided accident cost", lambda m, c, p: f"=$C$8*$C$9*$C$10*{c}20", EUROS),
        (24, "Sum of savings", lambda m, c, p: f"={c}22+{c}23", EUROS),
        (26, "Subscription", lambda m, c, p: f"=-{c}19*$C$11", EUROS),
        (27, "Installation", lambda m, c, p: f"=-({c}19-{p}19)*$C$12" if m else f"=-{c}19*$C$12", EUROS),
        (28, "Sum of costs", lambda m, c, p: f"=SUM({c}26:{c}27)", EUROS),
        (30, "Net benefit", lambda m, c, p: f"={c}24+{c}28", EUROS),
        (31, "Cumulative net benefit", lambda m, c, p: f"={p}31+{c}30" if m else f"={c}30", EUROS),
    ]


def desk_roi() -> openpyxl.Workbook:
    """What goes wrong in real sheets."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "ROI"

    def line(label: str, formula: str, note: Any = None) -> list[Any]:
        return [label, *(formula.replace("@", column) for column in "BCDE"), note]

    for row in (
        ["ROI estimate - AcmeDesk"],
        ["All figures in USD thousands"],
        [],
        ["", "FY26", "FY27", "FY28", "FY29", "Comment"],
        ["Agents", 50, 55, 60, 66, "from HR"],
        ["Tickets per agent", 1200, 1200, 1250, "n/a"],
        ["Minutes saved per ticket", 0, 1.5, 2, 2],
        ["Hourly cost", 38, 39, 40, 41],
        line("Hours saved", "=@5*@6*@7/60"),
        line("Labour savings", "=@9*@8"),
        line("Price level", "=VLOOKUP(@5,$H$5:$I$7,2,TRUE)"),
        line("License fees", "=@5*@11"),
        ["Onboarding", 15000, None, None, None, "one-off"],
        line("Net", "=@10-@12-@13"),
        ["Discounted", "=B14/(1+$B$18)^(B4-2025)", "=C14/(1+$B$18)^(C4-2025)", "=D14/(1+$B$18)^2", "=E14*0.7"],
        ["x", 1, 2, 3, 4],
        [],
        ["Discount rate", 12],
        ["Payback (months)", '=IF(B14>0,"under a year","over a year")'],
    ):
        sheet.append(row)
    sheet["A16"].value, sheet["A16"].data_type = "=cmd|'/c calc'!A0", "s"
    for row, (agents, price) in enumerate([(0, 900), (55, 850), (65, 800)], 5):
        sheet.cell(row, 8, agents)
        sheet.cell(row, 9, price)
    return book


if __name__ == "__main__":
    for made in (support_automation, fleet_telematics, desk_roi):
        made().save(Path(sys.argv[1]) / f"{made.__name__}.xlsx")
