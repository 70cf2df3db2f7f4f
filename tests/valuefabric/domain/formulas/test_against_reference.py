"""Compiled formulas against a second engine that only walks the tree: they agree on thousands of random formulas."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.formulas import FLOW_INPUTS, INPUTS, PERIODS, TABLES, all_formulas, formulas, related_rows
from valuefabric.domain import finance
from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO, power, round_down, round_half_away, round_up
from valuefabric.domain.formulas.formula import formula_of
from valuefabric.domain.formulas.functions import ramps
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import (
    PERIOD_NUMBER,
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    Conditional,
    Expression,
    Logical,
    Lookup,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    Rounded,
    Running,
    Series,
)
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import RowProgram, compile_program
from valuefabric.domain.model import ModelDocument, Row, compute

NUMBERS = tuple(Decimal(number) for number in range(1, PERIODS + 1))
GIVEN = {**FLOW_INPUTS, PERIOD_NUMBER: NUMBERS}
ROUNDINGS = {"nearest": round_half_away, "up": round_up, "down": round_down}
TOTALS = {"min": min, "max": max, "sum": lambda v: sum(v[1:], v[0]), "average": lambda v: sum(v[1:], v[0]) / len(v)}
CALLS: dict[str, Callable[..., Decimal]] = {
    "abs": abs,
    **{name: getattr(finance, name) for name in ("pmt", "pv", "fv")},
    **{name: getattr(ramps, name) for name in ("linear", "s_curve", "step", "custom")},
}
SERIES: dict[str, Callable[..., Decimal]] = {
    "npv": lambda rows, rate: finance.npv(rate, *rows),
    "irr": lambda rows, guess=None: finance.irr(*rows, guess),
    "mirr": lambda rows, *rates: finance.mirr(*rows, *rates),
    "xnpv": lambda rows, rate: finance.xnpv(rate, *rows),
    "xirr": lambda rows, guess=None: finance.xirr(*rows, guess),
    **{name: lambda rows, total=total: total(*rows) for name, total in TOTALS.items()},
}


class Reference:
    """Slow, obvious, written without a look at the compiler: every value is found anew by walking the trees."""

    def __init__(self, trees: Mapping[str, Expression]) -> None:
        self._trees = trees
        self._known: dict[tuple[str, int], Decimal] = {}

    def row(self, key: str) -> list[Decimal]:
        return [self.value(key, period) for period in range(PERIODS)]

    def value(self, key: str, period: int) -> Decimal:
        if key in GIVEN:
            return GIVEN[key][period]
        if (key, period) not in self._known:
            self._known[key, period] = self.evaluate(self._trees[key], period)
        return self._known[key, period]

    def evaluate(self, node: Expression, period: int) -> Decimal:  # noqa: C901, PLR0911, PLR0912 - one case per kind of node
        match node:
            case Number(value=value):
                return value
            case Name(key=key):
                return self.value(key, period)
            case Previous(key=key, default=default):
                return self.value(key, period - 1) if period else self.evaluate(default, period)
            case Running(function="first", key=key):
                return self.value(key, 0)
            case Running(function="cumulative", key=key):
                return sum((self.value(key, before) for before in range(period + 1)), ZERO)
            case Negative(operand=operand):
                return -self.evaluate(operand, period)
            case Arithmetic(operator=operator, left=left, right=right):
                a, b = self.evaluate(left, period), self.evaluate(right, period)
                match operator:
                    case "+":
                        return a + b
                    case "-":
                        return a - b
                    case "*":
                        return a * b
                    case "/":
                        return a / b
                    case "^":
                        return power(a, b)
            case Comparison(operator=operator, left=left, right=right):
                a, b = self.evaluate(left, period), self.evaluate(right, period)
                return {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]  # type: ignore[return-value]
            case Logical(operator="and", left=left, right=right):
                return self.evaluate(left, period) and self.evaluate(right, period)
            case Logical(operator="or", left=left, right=right):
                return self.evaluate(left, period) or self.evaluate(right, period)
            case Not(operand=operand):
                return not self.evaluate(operand, period)  # type: ignore[return-value]
            case Conditional(condition=condition, yes=yes, no=no):
                return self.evaluate(yes if self.evaluate(condition, period) else no, period)
            case Aggregate(function=function, arguments=arguments):
                return TOTALS[function](self._all(arguments, period))
            case Rounded(operand=operand, decimals=decimals, mode=mode):
                return ROUNDINGS[mode](self.evaluate(operand, period), decimals)
            case Call(function=function, arguments=arguments):
                return CALLS[function](*self._all(arguments, period))
            case Series(function=function, rows=rows, arguments=arguments):
                values = self._all(arguments, period)
                return SERIES[function]([self.row(row.key) for row in rows], *values)
            case Lookup(table=table, column=column, operand=operand):
                wanted = self.evaluate(operand, period)
                assert table is not None
                pairs = zip(table.keys, table.column(column).values, strict=True)
                found = [value for key, value in pairs if (key == wanted if table.match == "exact" else key <= wanted)]
                return found[-1] if found else ONE / ZERO
        raise AssertionError(node)

    def _all(self, nodes: Sequence[Expression], period: int) -> list[Decimal]:
        return [self.evaluate(node, period) for node in nodes]


def read(text: str, key: str = "x") -> Expression:
    return with_tables(compile_formula(text, row=key).tree, TABLES, row=key)


def outcome_of(run: Callable[[], object]) -> object:
    try:
        with localcontext(ENGINE):
            return run()
    except ArithmeticError:
        return "no result"


def computed(trees: Mapping[str, Expression], order: Sequence[str]) -> dict[str, list[Decimal]]:
    program = compile_program(list(GIVEN), [RowProgram(key, trees[key]) for key in order])
    return dict(zip(program.computed, program.run(list(GIVEN.values()), range(PERIODS)), strict=True))


@settings(max_examples=400, deadline=None)
@given(st.one_of(formulas, all_formulas))
def test_compiled_formulas_agree_with_the_reference(text: str) -> None:
    try:
        tree = read(text)
    except FormulaError:
        return  # the generator writes some that the grammar bounds
    compiled = outcome_of(lambda: computed({"x": tree}, ["x"])["x"])
    assert compiled == outcome_of(lambda: Reference({"x": tree}).row("x"))


@settings(max_examples=300, deadline=None)
@given(related_rows())
def test_rows_that_need_each_other_agree_with_the_reference(texts: dict[str, str]) -> None:
    try:
        trees = {key: read(text, key) for key, text in texts.items()}
        order = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    except FormulaError:
        return  # among them the circles, on which the reference would not end
    compiled = outcome_of(lambda: computed(trees, order))
    reference = Reference(trees)
    assert compiled == outcome_of(lambda: {key: reference.row(key) for key in order})


@settings(max_examples=100, deadline=None)
@given(formulas)
def test_failures_of_computing_name_row_and_period(text: str) -> None:
    rows = [Row(key=key, label=key, unit="number", values=values) for key, values in INPUTS.items()]
    rows.append(Row(key="x", label="x", unit="number", formula=text))
    document = ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0"},
            "periods": ["y1", "y2", "y3"],
            "rows": rows,
        }
    )
    try:
        values = compute(document).rows["x"].values
    except FormulaError as error:
        assert error.row == "x"
        assert 1 <= error.position <= len(text)
        assert error.period in document.periods
    else:
        with localcontext(ENGINE):
            assert Reference({"x": compile_formula(text, row="x").tree}).row("x") == list(values)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_formula_error(text: str) -> None:
    try:
        compile_formula(text, row="x")
    except FormulaError as error:
        assert error.row == "x"


@given(st.text(alphabet="ab12.+-*/^(),<>=% ifmaxroundpvsclk_", max_size=60))
def test_near_formulas_are_read_or_refused_with_formula_error(text: str) -> None:
    try:
        compile_formula(text, row="x")
    except FormulaError as error:
        assert 0 <= error.position <= len(text) + 1


@given(st.decimals("-1000000", "1000000", places=4), st.integers(-3, 4))
def test_rounding_is_to_the_nearest_and_halves_go_away_from_zero(value: Decimal, decimals: int) -> None:
    step = ONE.scaleb(-decimals)
    rounded = round_half_away(value, decimals)
    assert abs(rounded - value) * 2 <= step
    if abs(rounded - value) * 2 == step and value != ZERO:
        assert abs(rounded) > abs(value)


@given(st.decimals("-1000000", "1000000", places=4), st.integers(-3, 4))
def test_rounding_up_and_down_stay_within_a_step_of_the_value(value: Decimal, decimals: int) -> None:
    step = ONE.scaleb(-decimals)
    up, down = round_up(value, decimals), round_down(value, decimals)
    assert abs(down) <= abs(value) <= abs(up)
    assert abs(up) - abs(down) == (0 if value % step == 0 else step)
