"""From trees to steps: the part of the vector back end that knows what formulas mean.

Three places where binary vectors need care to answer as exact decimals do:

* Comparisons treat figures as equal that differ by less than one part in 2^44, since 0.1 + 0.2 is not 0.3 in binary.
* Rounding moves a figure outwards by one part in 2^50 first, which brings decimal halves (2.675) back to the side that a person
  rounds them to, and past a half, so that rounding to nearest rounds halves away from zero.
* Both branches of ``if`` are computed. What fails in the branch or the side of a condition that is not taken does not count:
  failures are nan, and conditions carry with them where they could not be decided.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, cast

import numpy as np

from valuefabric.domain.formulas.functions import function_named
from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
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
    RoundingMode,
    Running,
    Series,
    walk,
)
from valuefabric.domain.formulas.python_code import RowProgram
from valuefabric.domain.formulas.vector_code_functions import filling, looked_up, over_rows
from valuefabric.domain.formulas.vector_code_grammar import CALLS, SERIES
from valuefabric.domain.formulas.vector_code_order import Group, keys_read
from valuefabric.domain.formulas.vector_code_steps import CONSTANT, Lane, Loop, Operand, Step, Value, Window

SAME = 2.0**-44
OUTWARDS = 1 + 2.0**-50
_MULTIPLIED = frozenset(range(1, 17))  # exponents for which products are quicker than a power, and as exact
_TOTALS = frozenset({"sum", "average", "min", "max"})
_FLIPPED: Mapping[ComparisonOperator, ComparisonOperator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_ORDERINGS = {"<": ("less", -SAME), "<=": ("less_equal", SAME), ">": ("greater", SAME), ">=": ("greater_equal", -SAME)}


class Condition(NamedTuple):
    """A yes or no, and where it cannot be told; None: it always can."""

    holds: Operand
    fault: Operand | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression is computed: over all periods, or in one of them, inside the loop of the rows ``bound`` together."""

    window: Window = "whole"
    bound: frozenset[str] = frozenset()
    sink: list[Step] | None = None

    def frees(self, node: Expression) -> bool:
        """Whether ``node`` needs nothing of the loop, and can be computed once before it."""
        return self.sink is not None and not keys_read(node) & self.bound


_WHOLE = _Place()
_FIRST = _Place("first")


class Writer:
    """Collects the steps of a program: ``prepare`` those that no trial changes, ``block`` the others."""

    def __init__(self, inputs: Mapping[str, Value], periods: int) -> None:
        self.prepare: list[Step | Loop] = []
        self.block: list[Step | Loop] = []
        self.values = {key: value for key, value in inputs.items() if not value.lane.trials}
        self.sources: list[str] = []
        self.reached: dict[str, Callable[..., object]] = {}
        self._inputs = inputs
        self._periods = periods
        self._totals: dict[str, Value] = {}  # running totals inside the present loop
        self.constants: dict[float, Value] = {}
        self._numbers: dict[Value, float] = {}
        self._place = _WHOLE
        self._rules: dict[type, Callable[..., Operand]] = {
            Number: lambda node: self._constant(float(node.value)),
            Name: self._name,
            Previous: self._previous,
            Negative: lambda node: self._plain("negative", self.operand(node.operand)),
            Arithmetic: self._arithmetic,
            Conditional: self._conditional,
            Aggregate: self._aggregate,
            Rounded: lambda node: self._rounded(self.operand(node.operand), node.decimals, node.mode),
            Call: self._call,
            Running: self._running,
            Series: self._series,
            Lookup: self._lookup,
        }

    def value(self, key: str) -> Value:
        """The value of a row or an input. What differs by trial is asked for where it is first needed, not before: a block has no
        room in the cache for all that is drawn."""
        if key not in self.values:
            self.values[key] = value = self._inputs[key]
            self.block.append(Step(f"s{len(self.sources)}", (), Operand(value)))
            self.sources.append(key)
        return self.values[key]

    # Rows.

    def write(self, group: Group) -> None:
        """All steps of one group of rows."""
        if group.circular:
            self._circle(group.rows)
            return
        (row,) = group.rows
        self.values[row.key] = self._own(self._adjusted(row))

    def _circle(self, rows: Sequence[RowProgram]) -> None:
        """Rows that look back at each other: one loop over the periods, around what cannot be computed outside of it."""
        bound = frozenset(row.key for row in rows)
        outside = {key for row in rows for key in keys_read(row.tree)} - bound
        trials = any(self.value(key).lane.trials for key in sorted(outside))
        certain = all(self.value(key).certain for key in outside) and not any(may_fail(row.tree) for row in rows)
        values = {row.key: Value(Lane(periods=True, trials=trials), certain=certain) for row in rows}
        self.values |= values
        self._totals.clear()
        loop = Loop()
        windows: tuple[tuple[Window, list[Step]], ...] = (("first", loop.first), ("now", loop.later))
        for window, sink in windows:
            for row in rows:
                self._store(row, _Place(window, bound, sink), Operand(values[row.key], window))
        loop.rows = (*values.values(), *self._totals.values())
        (self.block if trials else self.prepare).append(loop)

    def _store(self, row: RowProgram, place: _Place, target: Operand) -> None:
        """Compute ``row`` in one period into its own array: the last step writes there, or a copy does."""
        found = self._at(place, lambda: self._adjusted(row))
        steps = [] if place.sink is None else place.sink
        last = steps[-1] if steps else None
        if last is not None and last.result == found and found.lane == target.lane and found.window == "whole":
            last.result = target
        else:
            steps.append(Step("copied", (found,), target))

    def _adjusted(self, row: RowProgram) -> Operand:
        found = self.operand(row.tree)
        if row.round is not None:
            found = self._rounded(found, row.round)
        if row.factor is not None:
            found = self._plain("multiply", found, self._constant(float(row.factor)))
        return found

    # Expressions.

    def operand(self, node: Expression) -> Operand:
        """The figure of ``node`` at the present place."""
        if self._place.frees(node) and not isinstance(node, Name | Number | Previous):
            return self._part(self._at(_WHOLE, lambda: self._own(self._rules[type(node)](node))))
        return self._rules[type(node)](node)

    def _at[T](self, place: _Place, work: Callable[[], T]) -> T:
        before, self._place = self._place, place
        try:
            return work()
        finally:
            self._place = before

    def _own(self, found: Operand) -> Value:
        """The value that ``found`` is; one of its own where it is a period of another's, as ``first(x)`` by itself."""
        if found.window == "whole":
            return found.value
        return self._add(Step("copied", (found,), Operand(Value(found.lane, certain=found.value.certain)))).value

    def _part(self, value: Value, window: Window | None = None) -> Operand:
        """The part of ``value`` that belongs to the present place."""
        return Operand(value, window or self._place.window) if value.lane.periods else Operand(value)

    def _constant(self, number: float) -> Operand:
        if number not in self.constants:
            self.constants[number] = Value(CONSTANT)
            self._numbers[self.constants[number]] = number
        return Operand(self.constants[number])

    def _name(self, node: Name) -> Operand:
        return self._part(self.value(node.key))

    def _previous(self, node: Previous) -> Operand:
        if self._place.window == "now":
            return self._part(self.value(node.key), "before")
        first = self._place if self._place.sink is not None and not self._place.frees(node.default) else _FIRST
        default = self._at(first, lambda: self.operand(node.default))
        if self._place.window == "first":
            return default
        value = self.value(node.key)
        result = Value(Lane(periods=True, trials=(value.lane | default.lane).trials), certain=self._sure(Operand(value), default))
        return self._add(Step("shifted", (Operand(value), default), Operand(result)))

    def _arithmetic(self, node: Arithmetic) -> Operand:
        if node.operator in "*/":
            return self._product(node)
        if node.operator == "^":
            return self._power(node)
        return self._plain("add" if node.operator == "+" else "subtract", self.operand(node.left), self.operand(node.right))

    def _power(self, node: Arithmetic) -> Operand:
        base, exponent = self.operand(node.left), node.right
        if isinstance(exponent, Number) and exponent.value in _MULTIPLIED:
            return self._multiplied_power(base, int(exponent.value))
        other = self.operand(exponent)
        return self._add(Step("powered", (base, other), self._result(base, other, certain=False)))

    def _multiplied_power(self, base: Operand, exponent: int) -> Operand:
        """Squares and products; one call of a general power costs as much as a dozen of them."""
        found = base
        for bit in f"{exponent:b}"[1:]:
            found = self._plain("square", found)
            if bit == "1":
                found = self._plain("multiply", found, base)
        return found

    # Products: the factors in the smallest lanes are multiplied first, so that the large table is passed over once.

    def _product(self, node: Arithmetic) -> Operand:
        above, below = _factors(node)
        if self._place.sink is not None:
            return self._product_in_loop(above, below)
        return self._quotient([self.operand(part) for part in above], [self.operand(part) for part in below])

    def _product_in_loop(self, above: list[Expression], below: list[Expression]) -> Operand:
        """What is the same in all turns of the loop is one factor, made before it."""
        place = self._place
        free = [[part for part in parts if place.frees(part)] for parts in (above, below)]
        bound = [[self.operand(part) for part in parts if not place.frees(part)] for parts in (above, below)]
        if free[0] or free[1]:
            outside = self._at(_WHOLE, lambda: self._quotient(*([self.operand(part) for part in parts] for parts in free)))
            bound[0].insert(0, self._part(outside.value))
        return self._quotient(*bound)

    def _quotient(self, above: Sequence[Operand], below: Sequence[Operand]) -> Operand:
        """The product of ``above`` over that of ``below``, lane by lane from the smallest."""
        found: Operand | None = None
        for lane in (Lane(False, False), Lane(False, True), Lane(True, False), Lane(True, True)):
            tops = [operand for operand in above if operand.lane == lane]
            if tops:
                found = self._product_of(tops if found is None else [found, *tops])
            if bottoms := [operand for operand in below if operand.lane == lane]:
                found = self._divided(self._constant(1.0) if found is None else found, bottoms)
        return self._constant(1.0) if found is None else found

    def _divided(self, dividend: Operand, divisors: Sequence[Operand]) -> Operand:
        numbers = [self._numbers.get(divisor.value, 0.0) for divisor in divisors]
        if all(numbers):
            return self._plain("divide", dividend, self._constant(math.prod(numbers)))
        divisor = self._product_of(divisors)
        if not divisor.lane.trials and self._place.sink is None:
            result = self._result(divisor, certain=False)
            return self._plain("divide", dividend, self._add(Step("without_zeros", (divisor,), result)))
        zeros = Value(divisor.lane, logical=True)
        result = self._result(dividend, divisor, certain=False)
        return self._add(Step("divided", (dividend, divisor), result, scratch=(zeros,), reuse=(0, 1)))

    def _product_of(self, operands: Sequence[Operand]) -> Operand:
        found = operands[0]
        for operand in operands[1:]:
            found = self._plain("multiply", found, operand)
        return found

    # Choices.

    def _conditional(self, node: Conditional) -> Operand:
        condition = self.condition(node.condition)
        yes, no = self.operand(node.yes), self.operand(node.no)
        holds = condition.holds
        lane = holds.lane | yes.lane | no.lane
        result = Operand(Value(lane, certain=self._sure(yes, no)))
        mask = Value(holds.lane)
        found = self._add(Step("chosen", (holds, yes, no), result, scratch=(mask,), reuse=(1,)))
        if condition.fault is None:
            return found
        lane = lane | condition.fault.lane
        return self._add(Step("missing_where", (found, condition.fault), Operand(Value(lane, certain=False)), reuse=(0,)))

    def condition(self, node: Expression) -> Condition:
        """The condition of ``node`` at the present place."""
        if self._place.frees(node):
            found = self._at(_WHOLE, lambda: self.condition(node))
            return Condition(self._part(found.holds.value), found.fault and self._part(found.fault.value))
        if isinstance(node, Not):
            inner = self.condition(node.operand)
            return Condition(self._logic("logical_not", inner.holds), inner.fault)
        if isinstance(node, Logical):
            return self._logical(node)
        return self._comparison(cast("Comparison", node))  # the checker lets nothing else be a condition

    def _logical(self, node: Logical) -> Condition:
        """A fault on the right counts only where the left side leaves it to the right."""
        left, right = self.condition(node.left), self.condition(node.right)
        both = node.operator == "and"
        holds = self._logic("logical_and" if both else "logical_or", left.holds, right.holds)
        if right.fault is None:
            return Condition(holds, left.fault)
        open_left = left.holds if both else self._logic("logical_not", left.holds)
        fault = self._logic("logical_and", open_left, right.fault)
        return Condition(holds, fault if left.fault is None else self._logic("logical_or", left.fault, fault))

    def _comparison(self, node: Comparison) -> Condition:
        left, right, operator = self.operand(node.left), self.operand(node.right), node.operator
        fault = None
        if not self._sure(left, right):
            fault = self._logic("isnan", self._plain("add", left, right))
        steady = self._place.frees(node.right)
        if left.lane.trials < right.lane.trials:
            left, right, operator, steady = right, left, _FLIPPED[operator], self._place.frees(node.left)
        if operator in _ORDERINGS:
            function, share = _ORDERINGS[operator]
            return Condition(self._logic(function, left, self._margin(right, share, add=True, steady=steady)), fault)
        distance = self._plain("absolute", self._plain("subtract", left, right))
        function = "less_equal" if operator == "=" else "greater"
        return Condition(self._logic(function, distance, self._margin(right, SAME, add=False, steady=steady)), fault)

    def _margin(self, operand: Operand, share: float, *, add: bool, steady: bool) -> Operand:
        """``share`` of the size of ``operand``, on top of it or alone; made before a loop that leaves it ``steady``."""
        if steady:
            value = operand.value
            return self._part(self._at(_WHOLE, lambda: self._margin(Operand(value), share, add=add, steady=False)).value)
        margin = self._plain("multiply", self._plain("absolute", operand), self._constant(share))
        return self._plain("add", operand, margin) if add else margin

    def _logic(self, function: str, *operands: Operand) -> Operand:
        lane = _union(operands)
        reuse = tuple(index for index, operand in enumerate(operands) if operand.value.logical)
        return self._add(Step(function, operands, Operand(Value(lane, logical=True)), reuse=reuse))

    # Functions.

    def _aggregate(self, node: Aggregate) -> Operand:
        function = {"min": "minimum", "max": "maximum"}.get(node.function, "add")
        operands = sorted((self.operand(argument) for argument in node.arguments), key=_size)
        found = operands[0]
        for operand in operands[1:]:
            found = self._plain(function, found, operand)
        return self._plain("divide", found, self._constant(float(len(operands)))) if node.function == "average" else found

    def _rounded(self, operand: Operand, decimals: int, mode: RoundingMode = "nearest") -> Operand:
        """At a scale where the decimals kept are whole numbers."""
        shift = float(Decimal(10) ** abs(decimals))
        scaled = self._plain("divide", operand, self._constant(shift)) if decimals < 0 else operand
        scale = shift if decimals > 0 else 1.0
        if mode == "up":
            whole = self._away_from_zero(self._plain("multiply", scaled, self._constant(scale / OUTWARDS)))
        else:
            scaled = self._plain("multiply", scaled, self._constant(scale * OUTWARDS))
            whole = self._plain("rint" if mode == "nearest" else "trunc", scaled)
        if not decimals:
            return whole
        return self._plain("divide" if decimals > 0 else "multiply", whole, self._constant(shift))

    def _away_from_zero(self, operand: Operand) -> Operand:
        zero = self._constant(0.0)
        above = self._plain("ceil", self._plain("maximum", operand, zero))
        return self._plain("add", above, self._plain("floor", self._plain("minimum", operand, zero)))

    def _call(self, node: Call) -> Operand:
        operands = tuple(self.operand(argument) for argument in node.arguments)
        if node.function == "abs":
            return self._plain("absolute", *operands)
        name = self._reach(f"call_{node.function}", lambda: filling(CALLS[node.function]))
        return self._add(Step(name, operands, self._result(*operands, certain=False)))

    def _running(self, node: Running) -> Operand:
        value = self.value(node.key)
        if node.function == "first":
            return self._part(value, "first")
        if self._place.window == "whole":
            result = Value(Lane(periods=True, trials=value.lane.trials), certain=value.certain)
            return self._add(Step("accumulated", (Operand(value),), Operand(result)))
        if self._place.sink is None:
            return self._part(value, "first")
        return self._running_in_loop(node.key, value)

    def _running_in_loop(self, key: str, value: Value) -> Operand:
        """A total that the loop carries over: a row of its own among those that look back."""
        window = self._place.window
        if key not in self._totals:
            self._totals[key] = Value(Lane(periods=True, trials=value.lane.trials), certain=value.certain)
        total, own = self._totals[key], self._part(value)
        if window == "first":
            return self._add(Step("copied", (own,), Operand(total, window)))
        return self._add(Step("add", (Operand(total, "before"), own), Operand(total, window)))

    def _series(self, node: Series) -> Operand:
        rows = [Operand(self.value(row.key)) for row in node.rows]
        arguments = [self.operand(argument) for argument in node.arguments]
        takes_row = [parameter.takes in {"row", "values"} for parameter in function_named(node.function).parameters]
        order = takes_row[: len(rows) + len(arguments)]  # what may be left out stands last
        waiting = {True: iter(rows), False: iter(arguments)}
        operands = tuple(next(waiting[is_row]) for is_row in order)
        shape = "".join("r" if is_row else "v" for is_row in order)
        name = self._reach(
            f"series_{node.function}_{shape}", lambda: filling(over_rows(SERIES[node.function], order, self._periods))
        )
        lane = Lane(any(operand.lane.periods for operand in arguments), any(operand.lane.trials for operand in operands))
        certain = node.function in _TOTALS and self._sure(*operands)
        return self._add(Step(name, operands, Operand(Value(lane, certain=certain))))

    def _lookup(self, node: Lookup) -> Operand:
        if node.table is None:
            raise TypeError(f"the table '{node.key}' has not been put into the tree; see lookups.with_tables")
        keys, values = (
            np.array([float(figure) for figure in figures])
            for figures in (node.table.keys, node.table.column(node.column).values)
        )
        name = f"lookup_{len(self.reached)}"
        self.reached[name] = looked_up(keys, values, SAME, exact=node.table.match == "exact")
        operand = self.operand(node.operand)
        return self._add(Step(name, (operand,), self._result(operand, certain=False)))

    def _reach(self, name: str, make: Callable[[], Callable[..., object]]) -> str:
        if name not in self.reached:
            self.reached[name] = make()
        return name

    # Steps.

    def _plain(self, function: str, *operands: Operand) -> Operand:
        """A function of numpy's, figure by figure; it may write over what it reads."""
        reuse = tuple(range(len(operands)))
        return self._add(Step(function, operands, self._result(*operands, certain=self._sure(*operands)), reuse=reuse))

    def _result(self, *operands: Operand, certain: bool) -> Operand:
        return Operand(Value(_union(operands), certain=certain))

    def _add(self, step: Step) -> Operand:
        if self._place.sink is not None:
            self._place.sink.append(step)
        else:
            (self.block if step.result.lane.trials else self.prepare).append(step)
        return step.result

    def _sure(self, *operands: Operand) -> bool:
        return all(operand.value.certain for operand in operands)


def may_fail(tree: Expression) -> bool:
    """Whether ``tree`` has a part without a value for some figures: a quotient or a power, unless of a number written out."""
    for node in walk(tree):
        if (
            isinstance(node, Arithmetic)
            and node.operator in "/^"
            and not (isinstance(node.right, Number) and node.right.value > 0)
        ):
            return True
    return False


def _factors(node: Expression) -> tuple[list[Expression], list[Expression]]:
    """What a chain of ``*`` and ``/`` multiplies and divides by."""
    if not isinstance(node, Arithmetic) or node.operator not in "*/":
        return [node], []
    above, below = _factors(node.left)
    other_above, other_below = _factors(node.right)
    if node.operator == "*":
        return above + other_above, below + other_below
    # 1 / (a / b) stays as it is: b / a would have a value where b is zero.
    return above, below + ([node.right] if other_below else other_above)


def _union(operands: Collection[Operand]) -> Lane:
    lane = CONSTANT
    for operand in operands:
        lane = lane | operand.lane
    return lane


def _size(operand: Operand) -> tuple[bool, bool]:
    return operand.lane.trials, operand.lane.periods
