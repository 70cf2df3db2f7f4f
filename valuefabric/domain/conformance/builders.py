"""The spreadsheet's functions that our grammar has, each as our node; ranges through a small adapter."""

from decimal import Decimal

from valuefabric.domain.conformance.translator import ZERO, Builder, Translator, taken
from valuefabric.domain.conformance.values import CellError, NotCovered, Value
from valuefabric.domain.formulas import nodes as ours
from valuefabric.domain.formulas.limits import MAX_DECIMALS, MIN_DECIMALS
from valuefabric.domain.spreadsheets import tree as theirs

_AT_ONCE = 50  # arguments of one aggregate; more are nested, since a long sum is a deep tree for Python's compiler


def _if(to: Translator, call: theirs.Call) -> ours.Expression:
    condition, yes, no = taken(call, 2, 3)
    return ours.Conditional(0, to.condition(condition), to.number(yes), to.number(no))


def _not(to: Translator, call: theirs.Call) -> ours.Expression:
    (operand,) = taken(call, 1, 1)
    return ours.Not(0, to.condition(operand))


def _logical(operator: ours.LogicalOperator) -> Builder:
    def build(to: Translator, call: theirs.Call) -> ours.Expression:
        conditions = [one for argument in call.arguments for one in _conditions(to, argument)]
        if not conditions:
            return to.name(CellError("#VALUE!", "there is nothing to decide by"))
        tree = conditions[0]
        for condition in conditions[1:]:
            tree = ours.Logical(0, operator, tree, condition)
        return tree

    return build


def _conditions(to: Translator, node: theirs.Expression | None) -> list[ours.Expression]:
    """Texts and blanks of a reference are passed over; here truth values count."""
    area = to.area(node)
    if area is None:
        return [to.condition(node)]
    if len(area) > _AT_ONCE:
        raise NotCovered(f"a condition over more than {_AT_ONCE} cells")
    figures = [Decimal(value) if isinstance(value, bool) else value for value in to.values(area)]
    return [
        ours.Comparison(0, "<>", to.name(figure), ZERO)
        for figure in figures
        if figure is not None and not isinstance(figure, str)
    ]


def _aggregate(function: ours.AggregateFunction) -> Builder:
    def build(to: Translator, call: theirs.Call) -> ours.Expression:
        figures = [one for argument in call.arguments for one in _figures(to, argument)]
        if not figures:
            return ours.Arithmetic(0, "/", ZERO, ZERO) if function == "average" else ZERO
        if function == "average" and len(figures) > _AT_ONCE:
            count = ours.Number(0, Decimal(len(figures)))
            return ours.Arithmetic(0, "/", _nested("sum", figures), count)
        return _nested(function, figures)

    return build


def _nested(function: ours.AggregateFunction, figures: list[ours.Expression]) -> ours.Expression:
    while len(figures) > 1:
        groups = [figures[start : start + _AT_ONCE] for start in range(0, len(figures), _AT_ONCE)]
        figures = [ours.Aggregate(0, function, tuple(group)) if len(group) > 1 else group[0] for group in groups]
    return figures[0]


def _figures(to: Translator, node: theirs.Expression | None) -> list[ours.Expression]:
    """One tree for a value, one for every number of a reference: its texts, truth values and blanks are passed over."""
    area = to.area(node)
    if area is None:
        return [to.number(node)]
    return [to.name(value) for value in to.values(area) if isinstance(value, Decimal | CellError)]


def _rounded(mode: ours.RoundingMode) -> Builder:
    def build(to: Translator, call: theirs.Call) -> ours.Expression:
        operand, digits = taken(call, 1, 2)
        decimals = to.constant(digits)
        if decimals is None:
            raise NotCovered(f"{call.function} to a number of digits that is computed")
        whole = int(decimals)  # cut off, as spreadsheets do
        if not MIN_DECIMALS <= whole <= MAX_DECIMALS:
            raise NotCovered(f"{call.function} beyond {MAX_DECIMALS} digits")
        return ours.Rounded(0, to.number(operand), whole, mode)

    return build


def _power(to: Translator, call: theirs.Call) -> ours.Expression:
    base, exponent = taken(call, 2, 2)
    return ours.Arithmetic(0, "^", to.number(base), to.number(exponent))


def _plain(fewest: int, most: int) -> Builder:
    """A function of single values that has the same name and the same arguments with us."""

    def build(to: Translator, call: theirs.Call) -> ours.Expression:
        arguments = tuple(to.number(argument) for argument in taken(call, fewest, most)[: len(call.arguments)])
        return ours.Call(0, call.function.lower(), arguments)

    return build


def _npv(to: Translator, call: theirs.Call) -> ours.Expression:
    if len(call.arguments) < 2:
        raise NotCovered(f"{call.function} with {len(call.arguments)} arguments")
    rate, *flows = call.arguments
    series = [key for flow in flows for key in _series(to, flow)]
    return _part(to, call, to.number(rate), tuple(series))


def _irr(to: Translator, call: theirs.Call) -> ours.Expression:
    flows, guess = taken(call, 1, 2)
    return _part(to, call, _whole(to, flows), *([] if guess is None else [to.number(guess)]))


def _mirr(to: Translator, call: theirs.Call) -> ours.Expression:
    flows, financed, reinvested = taken(call, 3, 3)
    return _part(to, call, _whole(to, flows), to.number(financed), to.number(reinvested))


def _xnpv(to: Translator, call: theirs.Call) -> ours.Expression:
    rate, flows, days = taken(call, 3, 3)
    return _part(to, call, to.number(rate), _dated(to, flows), _dated(to, days))


def _xirr(to: Translator, call: theirs.Call) -> ours.Expression:
    flows, days, guess = taken(call, 2, 3)
    return _part(to, call, _dated(to, flows), _dated(to, days), *([] if guess is None else [to.number(guess)]))


def _part(to: Translator, call: theirs.Call, *arguments: ours.Expression | tuple[str, ...]) -> ours.Expression:
    return ours.Name(0, to.reading.part(call.function.lower(), *arguments))


def _whole(to: Translator, node: theirs.Expression | None) -> tuple[str, ...]:
    if to.area(node) is None:
        raise NotCovered("a series that is no range")
    return tuple(_series(to, node))


def _series(to: Translator, node: theirs.Expression | None) -> list[str]:
    """The keys of a series' figures: of a reference its numbers, with texts, truth values and blanks passed over."""
    area = to.area(node)
    if area is None:
        return [to.reading.part("value", to.number(node))]
    return [to.reading.named(value) for value in to.values(area) if isinstance(value, Decimal | CellError)]


def _dated(to: Translator, node: theirs.Expression | None) -> tuple[str, ...]:
    """Amounts and days stand side by side, so nothing is passed over; a blank counts 0."""
    area = to.area(node)
    if area is None:
        raise NotCovered("a series that is no range")
    return tuple(to.reading.named(_dated_figure(value)) for value in to.values(area))


def _dated_figure(value: Value | None) -> Decimal | CellError:
    if isinstance(value, str | bool):
        return CellError("#VALUE!", "a text or truth value stands among amounts and days")
    return Decimal(0) if value is None else value


BUILDERS: dict[str, Builder] = {
    "IF": _if,
    "AND": _logical("and"),
    "OR": _logical("or"),
    "NOT": _not,
    "SUM": _aggregate("sum"),
    "MIN": _aggregate("min"),
    "MAX": _aggregate("max"),
    "AVERAGE": _aggregate("average"),
    "ROUND": _rounded("nearest"),
    "ROUNDUP": _rounded("up"),
    "ROUNDDOWN": _rounded("down"),
    "POWER": _power,
    "ABS": _plain(1, 1),
    "PMT": _plain(3, 5),
    "PV": _plain(3, 5),
    "FV": _plain(3, 5),
    "NPV": _npv,
    "IRR": _irr,
    "MIRR": _mirr,
    "XNPV": _xnpv,
    "XIRR": _xirr,
}
