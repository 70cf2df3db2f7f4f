"""Makes the workbooks beside it: formulas written by openpyxl, computed and saved by LibreOffice Calc.

    python tests/valuefabric/conformance/make_workbooks.py

Needs ``soffice``; the tests do not. The same formulas come out every time; what they answer is the spreadsheet's own.
"""

import random
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName

HERE = Path(__file__).parent
TARGET = HERE / "workbooks"
DATA = 12  # the column at which a row's data begin; formulas stand before it, their label in the first

type Flows = Sequence[float | str | bool | None]


def main() -> None:
    """All workbooks, in one run of the program that computes them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, workbook in books().items():
            workbook.save(Path(folder) / f"{name}.xlsx")
        profile = Path(folder) / "profile"
        command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx", "--outdir"]
        subprocess.run([*command, str(TARGET), *map(str, sorted(Path(folder).glob("*.xlsx")))], check=True)


def books() -> dict[str, Workbook]:
    """Every workbook by its name."""
    return {
        "published": published(),
        "payments": payments(),
        "flows": flows(),
        "dates": dates(),
        "arithmetic": arithmetic(),
        "random_formulas": random_formulas(),
        "business_case": business_case(),
        "degenerate": degenerate(),
        "known_differences": known_differences(),
    }


def published() -> Workbook:
    """The examples on Microsoft's help pages: label, formula, the value printed there; the data behind."""
    workbook, sheet = _book("Published")
    loan = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]
    years = [-70_000, 12_000, 15_000, 18_000, 21_000, 26_000]
    dated = [-10_000, 2_750, 4_250, 3_250, 2_750]
    days = [39_448, 39_508, 39_751, 39_859, 39_904]  # 2008-01-01, 2008-03-01, 2008-10-30, 2009-02-15, 2009-04-01
    rows: list[tuple[str, str, float, Flows]] = [
        ("PMT of a loan", "=PMT({0}/12,{1},{2})", -1037.03, [0.08, 10, 10_000]),
        ("PMT at the beginning", "=PMT({0}/12,{1},{2},0,1)", -1030.16, [0.08, 10, 10_000]),
        ("PMT to save 50,000", "=PMT({0}/12,{1}*12,0,{2})", -129.08, [0.06, 18, 50_000]),
        ("PV of an annuity", "=PV({0}/12,12*{1},{2},,0)", -59777.15, [0.08, 20, 500]),
        ("FV of savings", "=FV({0}/12,{1},{2},{3},{4})", 2581.40, [0.06, 10, -200, -500, 1]),
        ("FV of a year", "=FV({0}/12,{1},{2})", 12682.50, [0.12, 12, -1000]),
        ("FV at the beginning", "=FV({0}/12,{1},{2},,{3})", 82846.25, [0.11, 35, -2000, 1]),
        ("FV of both", "=FV({0}/12,{1},{2},{3},{4})", 2301.40, [0.06, 12, -100, -1000, 1]),
        ("NPV of one year from now", "=NPV({0},{1},{2},{3},{4})", 1188.44, [0.1, -10_000, 3_000, 4_200, 6_800]),
        ("NPV with an outlay today", "=NPV({0},{2}:{6})+{1}", 1922.06, [0.08, -40_000, 8_000, 9_200, 10_000, 12_000, 14_500]),
        ("NPV with a loss", "=NPV({0},{2}:{6},-9000)+{1}", -3749.47, [0.08, -40_000, 8_000, 9_200, 10_000, 12_000, 14_500]),
        ("IRR after four years", "=IRR({0}:{4})", -0.021, years),
        ("IRR after five years", "=IRR({0}:{5})", 0.087, years),
        ("IRR after two years", "=IRR({0}:{2},-10%)", -0.444, years),
        ("MIRR after five years", "=MIRR({0}:{5},{6},{7})", 0.13, [*loan, 0.1, 0.12]),
        ("MIRR after three years", "=MIRR({0}:{3},{6},{7})", -0.05, [*loan, 0.1, 0.12]),
        ("MIRR at 14 percent", "=MIRR({0}:{5},{6},{7})", 0.13, [*loan, 0.1, 0.14]),
        ("XNPV", "=XNPV({0},{1}:{5},{6}:{10})", 2086.65, [0.09, *dated, *days]),
        ("XIRR", "=XIRR({0}:{4},{5}:{9},0.1)", 0.373362535, [*dated, *days]),
    ]
    for row, (label, formula, printed, data) in enumerate(rows, 1):
        _line(sheet, row, label, [formula], data)
        sheet.cell(row, 3, printed)
    return workbook


def payments() -> Workbook:
    """Loans and annuities over a grid of rates, terms and amounts."""
    workbook, sheet = _book("Payments")
    row = 0
    for rate in (0, 0.005, 0.08 / 12, 0.1, -0.05, 1, 0.000001):
        for periods in (1, 12, 36, 240, 10.5, -6):
            row += 1
            amount, rest = 1000 * row, 137.5 * row
            formulas = [
                "=PMT({0},{1},{2})",
                "=PMT({0},{1},{2},{3})",
                "=PMT({0},{1},{2},{3},1)",
                "=PV({0},{1},{3})",
                "=PV({0},{1},{3},{2},1)",
                "=FV({0},{1},{3})",
                "=FV({0},{1},{3},{2},1)",
            ]
            _line(sheet, row, f"{rate} over {periods}", formulas, [rate, periods, amount, -rest])
    return workbook


def flows() -> Workbook:
    """Series of all lengths: plain outlays and returns, losses, months, blanks and texts among the figures."""
    workbook, sheet = _book("Flows")
    chance = random.Random(3)
    rows: list[tuple[str, Flows]] = [
        ("two", [-100, 110]),
        ("exactly 100 percent", [-140_000, 160_000, 160_000, 160_000]),
        ("no gain", [-100, 50, 50]),
        ("a small loss", [-100, 50, 40]),
        ("borrowing", [100, -60, -60]),
        ("a blank inside", [-100, None, 60, 60]),
        ("a text inside", [-100, "pending", 60, 60]),
        ("zeros before and after", [0, 0, -100, 60, 60, 0]),
        ("several rates, 10 percent first", [-1000, 3600, -4310, 1716]),
        ("5 and 25 percent", [-1000, 2300, -1312.5]),
        ("cleaning up at the end", [-100, 60, 60, 60, -20]),
        ("tiny amounts", [-1e-7, 6e-8, 6e-8]),
        ("huge amounts", [-1e15, 6e14, 6e14]),
        *((f"case {number}", _case(chance, chance.randint(3, 8))) for number in range(20)),
        *((f"months {number}", _case(chance, 37)) for number in range(8)),
        ("60 years", _case(chance, 60)),
    ]
    formulas = [
        "=IRR({range})",
        "=IRR({range},5%)",
        "=NPV(10%,{range})",
        "=NPV(0.8%,{rest})+{0}",
        "=NPV(0,{range})",
        "=NPV(-3%,{range},12,-7)",
        "=MIRR({range},10%,12%)",
        "=MIRR({range},0,0)",
        "=NPV(IRR({range}),{range})",
        "=ROUND(IRR({range})*100,2)",
    ]
    for row, (label, data) in enumerate(rows, 1):
        _line(sheet, row, label, formulas, data)
    return workbook


def dates() -> Workbook:
    """Dated flows, in and out of order, with blanks; dates as dates."""
    workbook, sheet = _book("Dates")
    chance = random.Random(5)
    rows: list[tuple[str, Flows, Flows]] = [
        ("a year", [-100, 110], [45_000, 45_365]),
        ("a loss", [-100, 50], [45_000, 45_365]),
        ("nearly all lost", [-100, 1], [45_000, 45_365]),
        ("out of order", [-10_000, 2_750, 4_250], [39_448, 39_859, 39_751]),
        ("two on one day", [-100, -50, 90, 90], [45_000, 45_000, 45_200, 45_200]),
        ("borrowing", [100, -110], [45_000, 45_365]),
        ("parts of days", [-100, 110], [45_000.75, 45_365.25]),
        ("a blank amount", [-100, None, 110], [45_000, 45_100, 45_365]),
        ("10 and 20 percent", [-100, 230, -132], [45_000, 45_365, 45_730]),
        ("one day", [-100, 110], [45_000, 45_001]),
    ]
    for number in range(25):
        length = chance.randint(3, 14)
        days = [45_000, *sorted(chance.sample(range(45_010, 47_500), length - 1))]
        rows.append((f"case {number}", _case(chance, length), days))
    for row, (label, amounts, days) in enumerate(rows, 1):
        first, last = DATA, DATA + len(amounts) - 1
        values = f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"
        when = f"{get_column_letter(first + len(amounts))}{row}:{get_column_letter(last + len(amounts))}{row}"
        formulas = [f"=XIRR({values},{when})", f"=XIRR({values},{when},0.2)"]
        formulas += [f"=XNPV({rate},{values},{when})" for rate in ("10%", "0.005", "75%")]
        _line(sheet, row, label, formulas, [*amounts, *days])
        if row % 2:
            for column in range(first + len(amounts), last + len(amounts) + 1):
                sheet.cell(row, column).number_format = "yyyy-mm-dd"
    return workbook


def arithmetic() -> Workbook:
    """Signs, rounding, conditions, aggregates, references of every kind."""
    workbook, sheet = _book("Arithmetic")
    data: Flows = [12, -7.5, 0, 0.1, 1234.5675, "text", None, 2, 3]  # L to T
    formulas = """
        -{0}^2|2^-1|2^3^2|10%|{0}%|50%*3|-5%|1-2-3|2*3%|+{0}|--{0}|{0}+{1}*{3}|({0}+{1})*{3}|{0}/{1}|{0}-{1}/{3}^2|1.5e3*2|100/3
        0.1+0.2|0.1+0.2-0.3|1/3*3|{4}*1.1|{6}+1|{7}+1|{0}*{6}
        ROUND(2.5,0)|ROUND(-2.5,0)|ROUND(1.005,2)|ROUND(2.675,2)|ROUND({4},2)|ROUND({4},-2)|ROUND({4},{8})|ROUND(-0.4,0)
        ROUNDUP(2.1,0)|ROUNDUP(-2.1,0)|ROUNDUP({4},3)|ROUNDUP({4},-3)|ROUNDUP(2,0)|ROUNDDOWN(2.9,0)|ROUNDDOWN(-2.9,0)
        ROUNDDOWN({4},1)|ROUNDDOWN({4},-1)|ABS({1})|ABS({0}+{1})|POWER(2,10)|POWER({0},0.5)|POWER(1+8%,1/12)-1|POWER({1},3)
        {0}>{1}|{0}<={1}|{0}=12|{0}<>12|{2}>=0|0.1+0.2=0.3|{3}<{0}|1=1.0000000000000001|{6}=0
        IF({0}>{1},1,2)|IF({0}<{1},1,2)|IF({2},1,2)|IF({0},{3},{4})|IF({2}=0,0,{0}/{2})|IF({0}>1,{0}/{1})|IF({0}<1,5)|IF({0}<1,5,)
        IF(AND({0}>1,{1}<0),10,20)|IF(OR({0}<1,{1}>0),10,20)|IF(NOT({2}),1,0)|IF(TRUE,1,2)|IF(FALSE(),1,2)
        AND({0}>1,{1}<0,{8}=3)|AND({0},{2})|OR({2},{2})|NOT({0}>1)|AND(TRUE,1)|OR({0}:{4})|AND({0}:{4})
        SUM({0}:{8})|SUM({0},{1},5)|SUM({0}:{2},{4},1%)|SUM({6})|SUM(TRUE,1)|MIN({0}:{8})|MAX({0}:{8})|MIN({0},-20)|MAX({6},-3)
        MIN(3,1,2)|MAX({0}:{4},9999)|AVERAGE({0}:{4})|AVERAGE({0}:{8})|AVERAGE(1,2,4)|AVERAGE({8})|MAX({6})|SUM({0}:{4})/3-1
        SUM(1,{0}:{8})|1/0|{0}/{2}|AVERAGE({6})|1/0+{0}|IF({0}>1,1,1/0)|IF({0}>1,1/0,1)|MAX({0}:{4})/MIN({0}:{4})|SUM({0}:{4})*{2}
        SUM(Inputs!A1:B5)|Inputs!A1*2|'Other sheet'!B2+1|SUM('Other sheet'!$A$1:$B$3)|rate*1000|SUM(table)|NPV(rate,table)
        IF(Inputs!A1>'Other sheet'!B2,rate,-rate)|PMT(rate/12,36,-1000)|ROUND(SUM(table)*rate,2)|MAX(table)-MIN(table)
    """
    texts = [text.strip() for line in formulas.split("\n") for text in line.split("|") if text.strip()]
    for row, formula in enumerate(texts, 1):
        _line(sheet, row, formula, [f"={formula}"], data)
    inputs, other = workbook.create_sheet("Inputs"), workbook.create_sheet("Other sheet")
    for row in range(1, 6):
        inputs.append([row * 1.25, -row / 3])
        other.append([row**3, 1000 / row])
    workbook.defined_names["rate"] = DefinedName("rate", attr_text="Inputs!$A$1")
    workbook.defined_names["table"] = DefinedName("table", attr_text="'Other sheet'!$A$1:$B$5")
    return workbook


def random_formulas() -> Workbook:
    """Formulas that nobody would think of, over a few figures."""
    workbook, sheet = _book("Random")
    chance = random.Random(11)
    for row in range(1, 201):
        data = [round(chance.choice((1, 100, 10_000)) * chance.uniform(-1, 1), chance.randint(0, 4)) for _ in range(6)]
        _line(sheet, row, f"formula {row}", [f"={_expression(chance, 4)}"], data)
    return workbook


def _expression(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.15:
        return chance.choice(["{0}", "{1}", "{2}", "{3}", "{4}", "{5}", "2", "0.35", "12%", "1000"])

    def inner() -> str:
        return _expression(chance, depth - 1)

    kinds = [
        lambda: f"({inner()}+{inner()})",
        lambda: f"({inner()}-{inner()})",
        lambda: f"{inner()}*{inner()}",
        lambda: f"-{inner()}",
        lambda: f"({inner()})/({inner()}+1001)",
        lambda: f"IF({inner()}>{inner()},{inner()},{inner()})",
        lambda: f"IF(AND({inner()}<={inner()},NOT({inner()}<0)),{inner()},{inner()})",
        lambda: f"MAX({inner()},{inner()},{{0}}:{{2}})",
        lambda: f"MIN({inner()},{inner()})",
        lambda: f"SUM({{1}}:{{4}},{inner()})",
        lambda: f"AVERAGE({inner()},{{0}}:{{5}})",
        lambda: f"ABS({inner()})",
        lambda: f"ROUND({inner()},{chance.randint(-1, 3)})",
        lambda: f"ROUNDUP({inner()},{chance.randint(-1, 3)})",
        lambda: f"ROUNDDOWN({inner()},{chance.randint(-1, 3)})",
        lambda: f"(ABS({inner()})+1)^{chance.choice(['2', '0.5', '-1'])}",
        lambda: f"NPV(8%,{inner()},{{0}}:{{3}})",
        lambda: f"PMT(1%,{chance.randint(1, 48)},{inner()})",
    ]
    return chance.choice(kinds)()


def business_case() -> Workbook:
    """A seller's sheet: inputs on one sheet, years in columns on the other, measures below."""
    workbook, sheet = _book("Case")
    inputs = workbook.create_sheet("Inputs")
    for row, (label, value) in enumerate(
        [
            ("Employees", 4_200),
            ("Tickets per employee", 9.8),
            ("Minutes per ticket", 14),
            ("Wage per hour", 41.5),
            ("Deflected, year 1", 0.22),
            ("Deflected, later", 0.38),
            ("Risk taken off", 0.2),
            ("Licence a year", 42_000),
            ("Implementation", 60_000),
            ("Escalation", 0.035),
            ("Discount rate", 0.1),
        ],
        1,
    ):
        inputs.cell(row, 1, label)
        inputs.cell(row, 2, value)
    lines = {
        2: ("Tickets", "=Inputs!$B$1*Inputs!$B$2*(1+Inputs!$B$10)^({column}$1-1)"),
        3: ("Share deflected", "=IF({column}$1=1,Inputs!$B$5,Inputs!$B$6)"),
        4: ("Hours saved", "={column}2*{column}3*Inputs!$B$3/60"),
        5: ("Benefit", "=ROUND({column}4*Inputs!$B$4,0)"),
        6: ("After risk", "={column}5*(1-Inputs!$B$7)"),
        7: ("Cost", "=Inputs!$B$8*(1+Inputs!$B$10)^({column}$1-1)+IF({column}$1=1,Inputs!$B$9,0)"),
        8: ("Net", "={column}6-{column}7"),
        9: ("Cumulative", "=SUM($B$8:{column}8)"),
        10: ("Paid back", "=IF(AND({column}9>=0,OR({column}$1=1,{previous}9<0)),1,0)"),
    }
    for column in range(2, 8):
        sheet.cell(1, column, column - 1)
        for row, (label, formula) in lines.items():
            sheet.cell(row, 1, label)
            letter, previous = get_column_letter(column), get_column_letter(max(column - 1, 2))
            sheet.cell(row, column, formula.format(column=letter, previous=previous))
    measures = [
        "=NPV(Inputs!B11,B6:G6)",
        "=NPV(Inputs!B11,B7:G7)",
        "=B12-B13",
        "=ROUND(B14/B13*100,1)",
        "=IRR(B8:G8)",
        "=MIRR(B8:G8,Inputs!B11,Inputs!B11/2)",
        "=SUM(B8:G8)",
        "=PMT(Inputs!B11/12,36,-Inputs!B9)",
        "=MAX(B9:G9)-MIN(B9:G9)",
        "=VLOOKUP(2,B1:G9,2)",
        '=TEXT(B14,"0")',
    ]
    for row, formula in enumerate(measures, 12):
        sheet.cell(row, 2, formula)
    return workbook


def degenerate() -> Workbook:
    """Where there is no answer, or hardly one."""
    workbook, sheet = _book("Degenerate")
    rows: list[tuple[str, Flows]] = [
        ("no change of sign", [1, 2, 3]),
        ("only losses", [-1, -2]),
        ("zeros", [0, 0, 0]),
        ("one flow", [5]),
        ("all lost", [-100, 0, 0]),
        ("blanks", [None, None]),
        ("texts", ["a", "b"]),
        ("no rate at all", [-100, 200, -101]),
        ("half lost at once", [-100, 50]),
        ("nearly all lost", [-100, 1, 1]),
        ("too good to be true", [-1, 1e9]),
        ("200 and -50 percent", [-1, 3.5, -1.5]),
        ("one of two rates below 0", [1, -3, 1]),
    ]
    formulas = ["=IRR({range})", "=NPV(10%,{range})", "=MIRR({range},10%,12%)", "=NPV(-100%,{range})", "=IRR({range})*2+1"]
    for row, (label, data) in enumerate(rows, 1):
        _line(sheet, row, label, formulas, data)
    single = """
        PMT(0,10,100)|PMT(10%,0,100)|PMT(0,0,100)|PMT(-100%,10,100)|PMT(-100%,10,100,50,1)|PMT(-150%,10,100)|PMT(10%,10,100,0,2)
        PMT(10%,10,{0})|PV(-100%,10,100)|PV(0,0,5)|PV(-100%,0,5,7)|PV(0,10,5)|FV(-100%,10,5)|FV(-100%,-10,5)|FV(-100%,0,5,7)
        FV(1000%,1000,5)|FV(0,10,5)|IRR({0}:{2})|NPV(10%,{0}:{2})|MIRR({0}:{2},10%,10%)|NPV(10%,-100,60,,60)|NPV(-150%,-100,60,60)
        IF(TRUE,1,IRR({0}:{2}))|IF(FALSE,1,IRR({0}:{2}))|AVERAGE({0}:{2})|SUM({0}:{2})|1/{0}|POWER(-8,1/2)|(-8)^0.5
        XNPV(10%,{3}:{4},{5}:{6})|XIRR({3}:{4},{5}:{6})|XIRR({3}:{4},{5}:{5})|XNPV(10%,{3}:{4},{5}:{5})|XIRR({0}:{1},{5}:{6})
    """
    texts = [text.strip() for line in single.split("\n") for text in line.split("|") if text.strip()]
    for row, formula in enumerate(texts, len(rows) + 1):
        _line(sheet, row, formula, [f"={formula}"], [None, None, None, 100, 200, 45_000, 45_100])
    dated: list[tuple[str, Flows, Flows]] = [
        ("no change of sign", [100, 200], [45_000, 45_100]),
        ("zeros", [0, 0], [45_000, 45_100]),
        ("one day", [-100, 110], [45_000, 45_000]),
        ("half lost in ten days", [-100, 50], [45_000, 45_010]),
        ("all lost", [-100, 0], [45_000, 45_365]),
    ]
    for row, (label, amounts, days) in enumerate(dated, len(rows) + len(texts) + 1):
        _line(sheet, row, label, ["=XIRR({0}:{1},{2}:{3})", "=XNPV(10%,{0}:{1},{2}:{3})"], [*amounts, *days])
    return workbook


def known_differences() -> Workbook:
    """Where we answer otherwise on purpose; docs/finance-conformance.md says why."""
    workbook, sheet = _book("Known")
    rows: list[tuple[str, str, Flows]] = [
        ("a double rate", "=IRR({range})", [-100, 200, -100]),
        ("a truth value among flows", "=IRR({range})", [-100, True, 110]),
        ("a truth value among figures", "=SUM({range})", [1, True]),
        ("a rate so small that binary digits get lost", "=FV({0},{1},{2},{3},1)", [1e-8, 240, 1_000, -500]),
        ("zero to the power of zero", "=0^0", []),
        ("the odd root of a negative number", "=POWER(-8,1/3)", []),
        ("a guess of -100 percent", "=IRR({range},-1)", [-100, 60, 60]),
        ("a day before the first", "=XNPV(10%,{0}:{2},{3}:{5})", [-100, 50, 60, 45_000, 44_900, 45_365]),
        ("a day before the first", "=XIRR({0}:{2},{3}:{5})", [-100, 50, 60, 45_000, 44_900, 45_365]),
        ("a rate below -100 percent", "=XNPV(-150%,{0}:{1},{2}:{3})", [-100, 110, 45_000, 45_365]),
    ]
    for row, (label, formula, data) in enumerate(rows, 1):
        _line(sheet, row, label, [formula], data)
    return workbook


def _case(chance: random.Random, periods: int) -> list[float]:
    """An outlay and what comes back, with noise and now and then a bad year."""
    outlay = chance.randint(50_000, 900_000)
    mean = outlay * chance.uniform(0.8, 3) / (periods - 1)
    return [-outlay, *(round(mean * chance.gauss(1, 0.4), 2) for _ in range(periods - 1))]


def _book(title: str) -> tuple[Workbook, Any]:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = title
    return workbook, sheet


def _line(sheet: Any, row: int, label: str, formulas: Iterable[str], data: Flows) -> None:
    """Label, formulas, then the data, which formulas name by number; ``{range}`` is all, ``{rest}`` all but the first."""
    cells = [f"{get_column_letter(DATA + index)}{row}" for index in range(len(data))]
    ranges = {"range": f"{cells[0]}:{cells[-1]}", "rest": f"{cells[min(1, len(cells) - 1)]}:{cells[-1]}"} if cells else {}
    sheet.cell(row, 1, label)
    for column, formula in enumerate(formulas, 2):
        sheet.cell(row, column, formula.format(*cells, **ranges))
    for column, value in enumerate(data, DATA):
        sheet.cell(row, column, value)


if __name__ == "__main__":
    main()
