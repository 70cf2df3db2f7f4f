"""From a spreadsheet's tree to ours. Cells become names, ranges become argument lists or series, and what our grammar does not
have is not covered.

Spreadsheets count with conditions (TRUE is 1) and decide by numbers (0 is FALSE); our grammar does neither, so the one is
written as ``if(condition, 1, 0)`` and the other as ``number <> 0``. Our nodes get no position, so that a formula that is filled
down has one shape in every cell.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from valuefabric.domain.conformance.limits import MAX_FIGURES
from valuefabric.domain.conformance.places import Area, Place, area_of
from valuefabric.domain.conformance.reading import Figure, Reading
from valuefabric.domain.conformance.values import CellError, NotCovered, Value
from valuefabric.domain.conformance.workbook import Workbook
from valuefabric.domain.formulas import nodes as ours
from valuefabric.domain.spreadsheets import tree as theirs

ZERO = ours.Number(0, Decimal(0))
ONE = ours.Number(0, Decimal(1))
_CONDITIONS = (ours.Comparison, ours.Logical, ours.Not)
_COMPARISONS: dict[str, ours.ComparisonOperator] = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC: dict[str, ours.ArithmeticOperator] = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "^"}

type Builder = Callable[["Translator", theirs.Call], ours.Expression]


class Translator:
    """One formula's translation. ``home`` is the sheet that it stands on; ``builders`` make our nodes of their functions."""

    def __init__(self, workbook: Workbook, home: str, builders: dict[str, Builder]) -> None:
        self.reading = Reading()
        self.cells_named = 0
        self._workbook = workbook
        self._home = home
        self._builders = builders
        self._rules: dict[type, Callable[..., ours.Expression]] = {
            theirs.Number: lambda node: self.name(node.value),
            theirs.Boolean: lambda node: ours.Comparison(0, "=", ONE, ONE if node.value else ZERO),
            theirs.ErrorValue: lambda node: self.name(CellError(node.code)),
            theirs.Cell: self._cell,
            theirs.Range: self._area,
            theirs.DefinedName: self._area,
            theirs.Sign: self._sign,
            theirs.Percent: self._percent,
            theirs.Operation: self._operation,
            theirs.Call: self._call,
        }

    def number(self, node: theirs.Expression | None) -> ours.Expression:
        """A number out of ``node``; an argument left empty is 0."""
        if node is None:
            return ZERO
        tree = self.any(node)
        return ours.Conditional(0, tree, ONE, ZERO) if isinstance(tree, _CONDITIONS) else tree

    def condition(self, node: theirs.Expression | None) -> ours.Expression:
        """A yes or no out of ``node``."""
        tree = ZERO if node is None else self.any(node)
        return tree if isinstance(tree, _CONDITIONS) else ours.Comparison(0, "<>", tree, ZERO)

    def any(self, node: theirs.Expression) -> ours.Expression:
        """A number or a condition, as ``node`` has it."""
        rule = self._rules.get(type(node))
        if rule is None:
            raise NotCovered("a text")
        return rule(node)

    def name(self, figure: Figure) -> ours.Name:
        """A figure by a name of its own."""
        return ours.Name(0, self.reading.named(figure))

    def area(self, node: theirs.Expression | None) -> Area | None:
        """The cells that ``node`` refers to; None where it is no reference."""
        if isinstance(node, theirs.DefinedName):
            found = self._workbook.names.get(node.name.lower())
            if found is None:
                raise NotCovered("a name that stands for no single range")
            return found
        return area_of(node, self._home) if isinstance(node, theirs.Cell | theirs.Range) else None

    def values(self, area: Area) -> list[Value | None]:
        """What the cells of ``area`` hold, row by row; None for blanks."""
        if len(area) > MAX_FIGURES:
            raise NotCovered(f"a range of more than {MAX_FIGURES:,} cells")
        self.cells_named += len(area)
        return [self._workbook.values.get(place) for place in area.places()]

    def constant(self, node: theirs.Expression | None) -> Decimal | None:
        """The number that is written, or that the one cell holds, where our grammar wants it written out; else None."""
        sign = 1
        while isinstance(node, theirs.Sign):
            sign, node = -sign if node.operator == "-" else sign, node.operand
        if node is None:
            return Decimal(0)
        area = self.area(node)
        value = node.value if isinstance(node, theirs.Number) else self._value(area) if area and len(area) == 1 else None
        return sign * value if isinstance(value, Decimal) else None

    def _value(self, area: Area) -> Value:
        """A blank cell counts 0."""
        value = self._workbook.values.get(Place(area.sheet, area.top, area.left))
        return Decimal(0) if value is None else value

    def _area(self, node: theirs.Range | theirs.DefinedName) -> ours.Expression:
        area = self.area(node)
        if area is None or len(area) != 1:
            raise NotCovered("a range where one value is expected")
        return self._single(area)

    def _cell(self, node: theirs.Cell) -> ours.Expression:
        return self._single(area_of(node, self._home))

    def _single(self, area: Area) -> ours.Expression:
        value = self._value(area)
        if isinstance(value, str):
            raise NotCovered("a cell with a text where a number is expected")
        return self.name(Decimal(value) if isinstance(value, bool) else value)

    def _sign(self, node: theirs.Sign) -> ours.Expression:
        operand = self.number(node.operand)
        return ours.Negative(0, operand) if node.operator == "-" else operand

    def _percent(self, node: theirs.Percent) -> ours.Expression:
        if isinstance(node.operand, theirs.Number):
            share = node.operand.value.scaleb(-2)
            self.reading.named(share)
            return ours.Number(0, share, percent=True)
        return ours.Arithmetic(0, "/", self.number(node.operand), ours.Number(0, Decimal(100)))

    def _operation(self, node: theirs.Operation) -> ours.Expression:
        if node.operator in _ARITHMETIC:
            left, right = self.number(node.left), self.number(node.right)
            return ours.Arithmetic(0, _ARITHMETIC[node.operator], left, right)
        if node.operator in _COMPARISONS:
            left, right = self.any(node.left), self.any(node.right)
            if isinstance(left, _CONDITIONS) or isinstance(right, _CONDITIONS):
                raise NotCovered("a comparison of conditions")  # TRUE is above every number there
            return ours.Comparison(0, _COMPARISONS[node.operator], left, right)
        raise NotCovered("a text joined with &")

    def _call(self, node: theirs.Call) -> ours.Expression:
        builder = self._builders.get(node.function)
        if builder is None:
            raise NotCovered(f"function {node.function}")
        return builder(self, node)


def taken(node: theirs.Call, fewest: int, most: int) -> Sequence[theirs.Expression | None]:
    """The arguments, made up to ``most`` with empty ones; NotCovered where their number is none that the function takes."""
    if not fewest <= len(node.arguments) <= most:
        raise NotCovered(f"{node.function} with {len(node.arguments)} arguments")
    return (*node.arguments, *[None] * (most - len(node.arguments)))
