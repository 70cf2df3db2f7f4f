"""Formulas as cells: what a spreadsheet engine computes of their text is what the scalar engine computes of their trees."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, Overflow, localcontext
from typing import Any

import ironcalc
import pytest
from hypothesis import given, settings

from tests.factories.formulas import FLOW_INPUTS, PERIODS, TABLES, all_smooth_formulas, related_rows
from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.arithmetic import ENGINE, PowerError
from valuefabric.domain.formulas.formula import formula_of
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import PERIOD_DAY, PERIOD_NUMBER, Expression
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import RowProgram, compile_program
from valuefabric.domain.formulas.spreadsheet_text import cell_formula
from valuefabric.domain.formulas.tables import Table

NUMBERS = tuple(Decimal(number) for number in range(1, PERIODS + 1))
GIVEN = {**FLOW_INPUTS, PERIOD_NUMBER: NUMBERS, PERIOD_DAY: FLOW_INPUTS["days"]}
CLOSE = Decimal("1e-9")
TOO_LARGE = 1e61
FIRST_TABLE_LINE = 100


def read(text: str, key: str = "x") -> Expression:
    return with_tables(compile_formula(text, row=key).tree, TABLES, row=key)


def text_of(text: str, period: int = 1) -> str:
    """The cell of a formula: row ``a`` stands in the line ``a``, periods in the columns 1, 2, 3."""
    return cell_formula(
        read(text), period=period, periods=PERIODS, cell_of=lambda key, at: f"{key}{at + 1}", table_of=lambda *names: ("K", "V")
    )


def column(index: int) -> str:
    return "ABCDEFGH"[index]


class Sheet:
    """Rows line by line, each period a column; tables below, with their keys in A and their columns beside them."""

    def __init__(self, rows: Mapping[str, Sequence[Decimal] | Expression]) -> None:
        self.model = ironcalc.create("test", "en", "UTC", "en")
        self._line = {key: number for number, key in enumerate(rows, 1)}
        self._table_line: dict[str, int] = {}
        for table in TABLES.values():
            self._write_table(table)
        for key, row in rows.items():
            for period in range(PERIODS):
                given = isinstance(row, Sequence)
                self._set(self._line[key], period + 1, f"{row[period]:f}" if given else f"={self._formula(row, period)}")
        self.model.evaluate()

    def row(self, key: str) -> list[Any]:
        return [self.model.get_cell_value(0, self._line[key], period + 1) for period in range(PERIODS)]

    def _formula(self, tree: Any, period: int) -> str:
        return cell_formula(tree, period=period, periods=PERIODS, cell_of=self._cell, table_of=self._ranges)

    def _cell(self, key: str, period: int) -> str:
        return f"{column(period)}{self._line[key]}"

    def _write_table(self, table: Table) -> None:
        start = self._table_line[table.key] = FIRST_TABLE_LINE * (1 + len(self._table_line))
        for place, figures in enumerate([table.keys, *(one.values for one in table.columns.values())]):
            for line, figure in enumerate(figures):
                self._set(start + line, place + 1, f"{figure:f}")

    def _ranges(self, key: str, name: str) -> tuple[str, str]:
        table, start = TABLES[key], self._table_line[key]
        end = start + len(table.keys) - 1
        place = 1 + (list(table.columns).index(name) if name else 0)
        return f"A{start}:A{end}", f"{column(place)}{start}:{column(place)}{end}"

    def _set(self, line: int, place: int, text: str) -> None:
        self.model.set_user_input(0, line, place, text)


def computed(trees: Mapping[str, Expression]) -> dict[str, list[Decimal]]:
    """The scalar engine's figures; raises ArithmeticError."""
    order = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    program = compile_program(list(GIVEN), [RowProgram(key, trees[key]) for key in order])
    with localcontext(ENGINE):
        values = program.run(list(GIVEN.values()), range(PERIODS))
    return dict(zip(program.computed, values, strict=True))


def assert_same(trees: Mapping[str, Expression]) -> None:
    try:
        figures = computed(trees)
    except (Overflow, PowerError):
        return  # bounds that only the engine has
    except ArithmeticError:
        shown = [cell for key in trees for cell in Sheet({**GIVEN, **trees}).row(key)]
        assert any(str(cell).startswith("#") or abs(cell) >= TOO_LARGE for cell in shown), shown
        return
    sheet = Sheet({**GIVEN, **trees})
    for key, values in figures.items():
        for value, cell in zip(values, sheet.row(key), strict=True):
            # Sums may cancel, so what is left of a large figure's last binary digits counts as nothing.
            assert abs(Decimal(cell) - value) <= CLOSE * max(1, abs(value)), (key, values, sheet.row(key))


@settings(max_examples=150, deadline=None)
@given(all_smooth_formulas)
def test_random_formula_recomputes_in_a_spreadsheet(text: str) -> None:
    try:
        tree = read(text)
    except FormulaError:
        return  # the generator writes some that the grammar bounds
    assert_same({"x": tree})


@settings(max_examples=100, deadline=None)
@given(related_rows(all_smooth_formulas, is_binary=True))
def test_random_rows_recompute_in_a_spreadsheet(texts: dict[str, str]) -> None:
    try:
        trees = {key: read(text, key) for key, text in texts.items()}
        computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    except FormulaError:
        return
    assert_same(trees)


def test_a_payment_of_one_is_a_little_less_in_a_spreadsheet_and_rounds_down_to_nothing() -> None:
    """Why rows that were computed decide on no jump above; what is exported is the formula, and not this engine's rounding."""
    trees = {key: read(text, key) for key, text in {"r0": "fv(0.5%, 1, 1)", "r1": "rounddown(r0, 0)"}.items()}
    assert [values[0] for values in computed(trees).values()] == [-1, -1]
    sheet = Sheet({**GIVEN, **trees})
    assert (sheet.row("r0")[0] == pytest.approx(-1), sheet.row("r1")[0]) == (True, 0)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("roundup(a, 2) + rounddown(b, -3)", "ROUNDUP(a2,2)+ROUNDDOWN(b2,-3)"),
        ("abs(a - b) * 2", "ABS(a2-b2)*2"),
        ("power(a + 1, 2)", "(a2+1)^2"),
        ("average(a, b, 3)", "AVERAGE(a2,b2,3)"),
        ("average(a)", "AVERAGE(a1:a3)"),
        ("cumulative(a) / sum(a)", "SUM(a1:a2)/SUM(a1:a3)"),
        ("a / first(a) - 1", "a2/a1-1"),
        ("npv(8%, flows)", "NPV(0.08,flows1:flows3)"),
        ("irr(flows)", "IRR(flows1:flows3)"),
        ("irr(flows, -20%)", "IRR(flows1:flows3,(-0.20))"),
        ("mirr(flows, 8%, a)", "MIRR(flows1:flows3,0.08,a2)"),
        ("xnpv(8%, flows, days)", "XNPV(0.08,flows1:flows3,days1:days3)"),
        ("xnpv(c, flows, days)", "SUMPRODUCT(flows1:flows3/(1+c2)^((days1:days3-days1)/365))"),
        ("xnpv(0%, flows, days)", "SUMPRODUCT(flows1:flows3/(1+0.00)^((days1:days3-days1)/365))"),
        ("xirr(flows, days)", "XIRR(flows1:flows3,days1:days3)"),
        ("xirr(flows, days, -5%)", "XIRR(flows1:flows3,days1:days3,(-0.05))"),
        ("pmt(9% / 12, 36, -a)", "PMT(0.09/12,36,(-a2))"),
        ("fv(1%, 5, a, b, 1)", "FV(0.01,5,a2,b2,1)"),
        ("lookup(steps, a)", "INDEX(V,MATCH(ROUND(a2,9),K,1))"),
        ("lookup(codes, a, other)", "INDEX(V,MATCH(ROUND(a2,9),K,0))"),
        ("step(2)", f"IF({PERIOD_NUMBER}2>=2,1,0)"),
        ("linear(1, 4)", f"MAX(0,MIN(1,{PERIOD_NUMBER}2/4))"),
        ("linear(3, a)", f"IF(a2>0,MAX(0,MIN(1,({PERIOD_NUMBER}2-2)/a2)),1/0)"),
        ("linear(a, 4)", f"MAX(0,MIN(1,({PERIOD_NUMBER}2-a2+1)/4))"),
        ("custom(10%, b)", f"IF({PERIOD_NUMBER}2<1,0,CHOOSE(MIN({PERIOD_NUMBER}2,2),0.10,b2))"),
    ],
)
def test_text_of_a_function(text: str, cell: str) -> None:
    assert text_of(text) == cell


def test_a_range_in_another_sheet_names_it_once() -> None:
    text = cell_formula(read("sum(a)"), period=0, periods=3, cell_of=lambda key, at: f"Model!{column(at)}7")
    assert text == "SUM(Model!A7:C7)"


def test_a_key_is_found_with_as_many_decimals_as_the_table_has() -> None:
    table = Table(key="fine", keys=("0.00000000001", "1"), columns={"v": {"values": (1, 2)}})
    tree = with_tables(compile_formula("lookup(fine, a)", row="x").tree, {"fine": table}, row="x")
    text = cell_formula(tree, period=0, periods=3, cell_of=lambda key, at: "B2", table_of=lambda *names: ("K", "V"))
    assert text == "INDEX(V,MATCH(ROUND(B2,11),K,0))"


@pytest.mark.parametrize(
    "text",
    ["irr(b)", "mirr(b, 5%, 5%)", "lookup(steps, -11)", "lookup(codes, 1.5, base)", "pmt(1%, b, 5)", "linear(1, b)", "1 / b"],
)
def test_what_has_no_answer_is_an_error_in_the_cell_too(text: str) -> None:
    tree = read(text)
    with pytest.raises(ArithmeticError):
        computed({"x": tree})
    assert any(str(cell).startswith("#") for cell in Sheet({**GIVEN, "x": tree}).row("x"))
