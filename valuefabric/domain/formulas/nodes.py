"""What a formula says, as a tree. Back ends (Python code, spreadsheet text, vectors) read it and nothing else.

Every node knows its position in the text (from 1; 0 where nobody wrote it), so that whoever refuses it can say where. What a
function of a ``Call``, ``Running`` or ``Series`` means stands in ``formulas.functions``.

Three ways to name a row, which differ in what must be known first: ``Name`` and ``Running`` need its value in the same period,
``Previous`` in the period before, ``Series`` in every period, so that it is computed in a later pass over the periods.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Literal

from valuefabric.domain.formulas.tables import Table

ArithmeticOperator = Literal["+", "-", "*", "/", "^"]
ComparisonOperator = Literal["=", "<>", "<", "<=", ">", ">="]
LogicalOperator = Literal["and", "or"]
AggregateFunction = Literal["min", "max", "sum", "average"]
RoundingMode = Literal["nearest", "up", "down"]
RunningFunction = Literal["cumulative", "first"]

# Two inputs that whoever computes gives when a tree names them. No user's key has a space, so nobody can write or shadow them.
# The period's number: 1 for the first period; the column of an initial period is 0.
PERIOD_NUMBER = "period number"
# The day on which the period's flow falls, as a whole number from any origin.
PERIOD_DAY = "period day"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; ``20%`` is 0.20 with ``percent`` set."""

    position: int
    value: Decimal
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """The value of another row in the same period."""

    position: int
    key: str


@dataclass(frozen=True, slots=True)
class Previous:
    """The value of a row in the period before; ``default`` in the first period."""

    position: int
    key: str
    default: "Expression"


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus."""

    position: int
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers and an operator between them."""

    position: int
    operator: ArithmeticOperator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A yes or no out of two numbers."""

    position: int
    operator: ComparisonOperator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Logical:
    """A yes or no out of two of them; the right side is not computed when the left one decides."""

    position: int
    operator: LogicalOperator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a yes or no."""

    position: int
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``if(condition, yes, no)``; only the branch taken is computed."""

    position: int
    condition: "Expression"
    yes: "Expression"
    no: "Expression"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``min``, ``max``, ``sum`` or ``average`` of two or more expressions of the same period."""

    position: int
    function: AggregateFunction
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Rounded:
    """``round(x, decimals)``, halves away from zero; ``up`` (roundup) always away from zero, ``down`` (rounddown) towards it."""

    position: int
    operand: "Expression"
    decimals: int
    mode: RoundingMode = "nearest"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of values of the same period; all of them are computed first. ``abs``, ``pmt``, ``linear`` and so on.

    A ramp's first argument is ``Name(PERIOD_NUMBER)``, which its text does not show.
    """

    position: int
    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Running:
    """What a row has come to: ``cumulative`` adds its values from the first period to this one, ``first`` is its first value."""

    position: int
    function: RunningFunction
    key: str


@dataclass(frozen=True, slots=True)
class WholeRow:
    """A row as all its values, where a function takes that. It has no value in a period, so it is no expression."""

    position: int
    key: str


@dataclass(frozen=True, slots=True)
class Series:
    """A function of whole rows: ``npv``, ``irr``, ``sum`` over one row and so on. The same figures in every period, unless
    ``arguments`` (a rate), which are of the period, make a difference."""

    position: int
    function: str
    rows: tuple[WholeRow, ...]
    arguments: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """The entry of ``column`` in a table beside the key that ``operand`` gives. ``column`` is empty for a table's only one.

    ``table`` is None until ``tables.with_tables`` has put the table into the tree; back ends only see trees that have it.
    """

    position: int
    key: str
    column: str
    operand: "Expression"
    table: Table | None = None


Expression = (
    Number
    | Name
    | Previous
    | Negative
    | Arithmetic
    | Comparison
    | Logical
    | Not
    | Conditional
    | Aggregate
    | Rounded
    | Call
    | Running
    | Series
    | Lookup
)


_PARTS: Mapping[type, Callable[[Any], tuple[Expression, ...]]] = {
    **dict.fromkeys((Number, Name, Running), lambda node: ()),
    Previous: lambda node: (node.default,),
    **dict.fromkeys((Negative, Not, Rounded, Lookup), lambda node: (node.operand,)),
    **dict.fromkeys((Arithmetic, Comparison, Logical), lambda node: (node.left, node.right)),
    Conditional: lambda node: (node.condition, node.yes, node.no),
    **dict.fromkeys((Aggregate, Call, Series), lambda node: node.arguments),
}


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside ``node``, in the order they are written."""
    return _PARTS[type(node)](node)


def walk(node: Expression) -> Iterator[Expression]:
    """``node`` and everything inside it; without recursion, so that depth costs nothing."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def rebuilt(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """``node`` with ``change`` applied to each of its parts, from the inside out; what stays as it is is not copied."""
    changed: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Expression):
            part = rebuilt(value, change)
            if part is not value:
                changed[field.name] = part
        elif isinstance(value, tuple):
            parts = tuple(rebuilt(part, change) if isinstance(part, Expression) else part for part in value)
            if any(part is not old for part, old in zip(parts, value, strict=True)):
                changed[field.name] = parts
    return change(replace(node, **changed) if changed else node)
