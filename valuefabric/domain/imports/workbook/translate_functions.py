"""The functions of spreadsheets in our grammar, one rule each; what is not here is not understood, and the report says so."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.entries import At, Entry
from valuefabric.domain.imports.workbook.references import NotTranslated
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.spreadsheets.tree import Call, Cell, Expression, Number, Operation, Range, Sign, walk

if TYPE_CHECKING:  # the translator knows its functions, and they translate their arguments with it
    from valuefabric.domain.imports.workbook.translate import Translator

_ONE = texts.number(Decimal(1))


def arguments_of(translator: "Translator", node: Call, fewest: int, most: int) -> list[Expression | None]:
    """The arguments with names resolved; raises NotTranslated for a number of them that the function does not take."""
    if not fewest <= len(node.arguments) <= most:
        raise NotTranslated(f"{node.function} has {len(node.arguments)} arguments")
    return [translator.resolved(argument) for argument in node.arguments]


def _value(translator: "Translator", node: Expression | None) -> Piece:
    return texts.ZERO if node is None else texts.quantity(translator.piece(node))


# Ranges.


def whole_row(translator: "Translator", cells: Sequence[At]) -> Entry | None:
    """The row whose periods, all of them, these cells are."""
    found = [translator.reader.register.at(cell) for cell in cells]
    first = found[0]
    if first is None or len(cells) < 2 or any(one is None or one[0] is not first[0] for one in found):
        return None
    periods = [one[1] for one in found if one is not None]
    filled = [index for index, column in enumerate(first[0].columns) if column is not None]
    first[0].is_used = True
    return first[0] if periods == filled else None


def from_second(translator: "Translator", cells: Sequence[At]) -> Entry | None:
    """The row whose periods without the first one these cells are."""
    before = (cells[0][0], cells[0][1], cells[0][2] - 1)
    return whole_row(translator, [before, *cells]) if cells[0][2] > 1 else None


def _terms(translator: "Translator", node: Expression | None, function: str) -> list[Piece]:
    """What an argument of an aggregate adds to it: each filled cell of a range, or one piece for a whole row."""
    if not isinstance(node, Range):
        return [] if node is None else [_value(translator, node)]
    pieces: list[Piece] = []
    for cells in translator.reader.cells_of(node, translator.at):
        pieces += _line_terms(translator, node, cells, function)
    return pieces


def _line_terms(translator: "Translator", node: Range, cells: Sequence[At], function: str) -> list[Piece]:
    reader, index = translator.reader, translator.index
    fixed = node.first.column_fixed and node.last.column_fixed
    if (index is None or fixed) and (entry := whole_row(translator, cells)) is not None:
        return [texts.call(function, Piece(entry.key))]
    running = index is not None and node.first.column_fixed and not node.last.column_fixed
    if running and function == "sum" and (known := reader.register.at(cells[-1])) is not None and known[1] == index:
        first = reader.register.at(cells[0])
        if first is not None and first[0] is known[0] and first[1] == 0:
            known[0].is_used = True
            return [Piece(f"cumulative({known[0].key})")]
    found = []
    for at in cells:
        if not reader.is_empty(at):
            piece = reader.fixed(at) if fixed and index is not None else None
            found.append(piece or reader.cell(at, translator.at, index))
    return found


def _aggregate(function: str) -> Callable[["Translator", Call], Piece]:
    def translate(translator: "Translator", node: Call) -> Piece:
        arguments = arguments_of(translator, node, 1, 255)
        pieces = [piece for argument in arguments for piece in _terms(translator, argument, function)]
        if not pieces:
            return texts.ZERO
        return pieces[0] if len(pieces) == 1 else texts.call(function, *pieces)

    return translate


def _sumproduct(translator: "Translator", node: Call) -> Piece:
    ranges = [argument for argument in arguments_of(translator, node, 1, 8) if isinstance(argument, Range)]
    if len(ranges) != len(node.arguments):
        raise NotTranslated("SUMPRODUCT is read with plain ranges only")
    tables = [translator.reader.cells_of(area, translator.at) for area in ranges]
    shapes = {(len(table), len(table[0])) for table in tables}
    if len(shapes) != 1:
        raise NotTranslated("SUMPRODUCT multiplies ranges of different sizes")
    if len(tables[0]) == 1 and translator.index is None:
        rows = [whole_row(translator, table[0]) for table in tables]
        keys = [row.key for row in rows if row is not None]
        if len(keys) == len(rows) and rows[0] is not None:
            added = translator.reader.product_row(" × ".join(r.label for r in rows if r), " * ".join(keys), rows[0])
            added.number_format = ""
            return Piece(f"sum({added.key})")
    lists = [[at for line in table for at in line] for table in tables]
    products = []
    for cells in zip(*lists, strict=True):
        if not any(translator.reader.is_empty(at) for at in cells):
            factors = [translator.reader.cell(at, translator.at, translator.index) for at in cells]
            product = factors[0]
            for factor in factors[1:]:
                product = texts.joined(product, "*", factor)
            products.append(product)
    return texts.call("sum", *products) if len(products) > 1 else (products or [texts.ZERO])[0]


# Flows.


def _flows(translator: "Translator", node: Expression | None) -> tuple[Entry, bool]:
    """The row that a function of flows takes, and whether its first period is left out."""
    if isinstance(node, Range):
        lines = translator.reader.cells_of(node, translator.at)
        if len(lines) == 1:
            if (entry := whole_row(translator, lines[0])) is not None:
                return entry, False
            if (entry := from_second(translator, lines[0])) is not None:
                return entry, True
    raise NotTranslated("its flows are not one row of the model over all periods, or over all but the first")


def _npv(translator: "Translator", node: Call) -> Piece:
    rate_node, flows = arguments_of(translator, node, 2, 2)
    rate = _value(translator, rate_node)
    entry, without_first = _flows(translator, flows)
    worth = Piece(f"npv({rate.text}, {entry.key})")
    if not without_first:
        return worth
    # NPV() of all flows is worth (first + NPV() of the others) / (1 + rate).
    grown = texts.joined(worth, "*", texts.joined(_ONE, "+", rate))
    return texts.joined(grown, "-", Piece(f"first({entry.key})"))


def _irr(translator: "Translator", node: Call) -> Piece:
    flows, *guess = arguments_of(translator, node, 1, 2)
    entry, without_first = _flows(translator, flows)
    key = entry.key
    if without_first:
        start = 2 - translator.reader.timeline.initial
        label = f"{entry.label}, without {translator.reader.timeline.periods[0].text}"
        key = translator.reader.product_row(label, f"if(step({start}) = 1, {key}, 0)", entry).key
    if guess and isinstance(guess[0], Number):
        return Piece(f"irr({key}, {texts.number(guess[0].value).text})")
    return Piece(f"irr({key})")


def _mirr(translator: "Translator", node: Call) -> Piece:
    flows, finance, reinvest = arguments_of(translator, node, 3, 3)
    entry, without_first = _flows(translator, flows)
    if without_first:
        raise NotTranslated("MIRR is read over all periods of a row only")
    return Piece(f"mirr({entry.key}, {_value(translator, finance).text}, {_value(translator, reinvest).text})")


def _plain_call(function: str, fewest: int, most: int) -> Callable[["Translator", Call], Piece]:
    def translate(translator: "Translator", node: Call) -> Piece:
        given = arguments_of(translator, node, fewest, most)
        return texts.call(function, *(_value(translator, argument) for argument in given))

    return translate


# Numbers.


def _rounding(function: str) -> Callable[["Translator", Call], Piece]:
    def translate(translator: "Translator", node: Call) -> Piece:
        value, *rest = arguments_of(translator, node, 1, 2)
        decimals = _written(rest[0]) if rest and rest[0] is not None else 0
        if decimals is None or not -12 <= decimals <= 12:
            raise NotTranslated(f"{node.function} takes its decimals from a cell; write the number into the formula")
        return texts.call(function, _value(translator, value), texts.number(Decimal(decimals)))

    return translate


def _written(node: Expression) -> int | None:
    sign = 1
    if isinstance(node, Sign):
        sign, node = (-1 if node.operator == "-" else 1), node.operand
    if isinstance(node, Number) and node.value == node.value.to_integral_value():
        return sign * int(node.value)
    return None


def _int(translator: "Translator", node: Call) -> Piece:
    (argument,) = arguments_of(translator, node, 1, 1)
    value = _value(translator, argument)
    down, up = (texts.call(function, value, texts.ZERO) for function in ("rounddown", "roundup"))
    return texts.choice(texts.joined(value, ">=", texts.ZERO), down, up)


def _sqrt(translator: "Translator", node: Call) -> Piece:
    (argument,) = arguments_of(translator, node, 1, 1)
    return texts.joined(_value(translator, argument), "^", texts.number(Decimal("0.5")))


def _power(translator: "Translator", node: Call) -> Piece:
    base, exponent = arguments_of(translator, node, 2, 2)
    return texts.joined(_value(translator, base), "^", _value(translator, exponent))


def _product(translator: "Translator", node: Call) -> Piece:
    found: Piece | None = None
    for argument in arguments_of(translator, node, 1, 64):
        if isinstance(argument, Range):
            cells = [at for line in translator.reader.cells_of(argument, translator.at) for at in line]
            factors = [
                translator.reader.cell(at, translator.at, translator.index) for at in cells if not translator.reader.is_empty(at)
            ]
        else:
            factors = [_value(translator, argument)]
        for factor in factors:
            found = factor if found is None else texts.joined(found, "*", factor)
    return found or texts.ZERO


# Choices.


def _if(translator: "Translator", node: Call) -> Piece:
    condition, yes, *no = arguments_of(translator, node, 2, 3)
    if condition is None:
        raise NotTranslated("IF has no condition")
    chosen = texts.truth(translator.piece(condition))
    if chosen.text in {"1 = 1", "1 = 0"}:
        return _value(translator, yes if chosen.text == "1 = 1" else (no or [None])[0])
    return texts.choice(chosen, _value(translator, yes), _value(translator, no[0] if no else None))


def _logic(operator: str) -> Callable[["Translator", Call], Piece]:
    def translate(translator: "Translator", node: Call) -> Piece:
        given = [one for one in arguments_of(translator, node, 1, 30) if one is not None]
        found = texts.truth(translator.piece(given[0]))
        for argument in given[1:]:
            found = texts.both(operator, found, translator.piece(argument))
        return found

    return translate


def _not(translator: "Translator", node: Call) -> Piece:
    (argument,) = arguments_of(translator, node, 1, 1)
    return (
        texts.opposite(translator.piece(argument)) if argument is not None else Piece("1 = 1", texts.COMPARISON, condition=True)
    )


def _choose(translator: "Translator", node: Call) -> Piece:
    index, *options = arguments_of(translator, node, 2, 20)
    which = _value(translator, index)
    found = _value(translator, options[-1])
    for number in range(len(options) - 1, 0, -1):
        chosen = texts.joined(which, "=", texts.number(Decimal(number)))
        found = texts.choice(chosen, _value(translator, options[number - 1]), found)
    return found


def _iferror(translator: "Translator", node: Call) -> Piece:
    """The one error that a business case guards against is a division by zero; other guards cannot be said in our grammar."""
    tried, instead = arguments_of(translator, node, 1, 2) if len(node.arguments) == 1 else arguments_of(translator, node, 2, 2)
    if tried is None:
        return texts.ZERO
    divisors = [part.right for part in walk(tried) if isinstance(part, Operation) and part.operator == "/"]
    value = _value(translator, tried)
    if not divisors and any(isinstance(part, Call) and part.function in {"IRR", "MIRR", "PMT"} for part in walk(tried)):
        raise NotTranslated("IFERROR around a rate cannot be said in our grammar; leave the guard out")
    zero: Piece | None = None
    for divisor in divisors:
        if not isinstance(divisor, Number):
            one = texts.joined(_value(translator, divisor), "=", texts.ZERO)
            zero = one if zero is None else texts.both("or", zero, one)
    return value if zero is None else texts.choice(zero, _value(translator, instead), value)


def _same(translator: "Translator", node: Call) -> Piece:
    (argument,) = arguments_of(translator, node, 1, 1)
    if not isinstance(argument, Cell):
        raise NotTranslated(f"{node.function} is read of one cell only")
    return _value(translator, argument)


FUNCTIONS: Mapping[str, Callable[["Translator", Call], Piece]] = {
    "SUM": _aggregate("sum"),
    "MIN": _aggregate("min"),
    "MAX": _aggregate("max"),
    "AVERAGE": _aggregate("average"),
    "PRODUCT": _product,
    "SUMPRODUCT": _sumproduct,
    "NPV": _npv,
    "IRR": _irr,
    "MIRR": _mirr,
    "PMT": _plain_call("pmt", 3, 5),
    "PV": _plain_call("pv", 3, 5),
    "FV": _plain_call("fv", 3, 5),
    "ABS": _plain_call("abs", 1, 1),
    "ROUND": _rounding("round"),
    "ROUNDUP": _rounding("roundup"),
    "ROUNDDOWN": _rounding("rounddown"),
    "TRUNC": _rounding("rounddown"),
    "INT": _int,
    "SQRT": _sqrt,
    "POWER": _power,
    "IF": _if,
    "AND": _logic("and"),
    "OR": _logic("or"),
    "NOT": _not,
    "CHOOSE": _choose,
    "IFERROR": _iferror,
    "IFNA": _iferror,
    "N": _same,
}
