"""What a formula says, as a tree. Back ends (Python code, spreadsheet text, later vectors) read it and nothing else.

Every node knows its position in the text (from 1), so that whoever refuses it can say where.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Literal

ArithmeticOperator = Literal["+", "-", "*", "/", "^"]
ComparisonOperator = Literal["=", "<>", "<", "<=", ">", ">="]
LogicalOperator = Literal["and", "or"]
AggregateFunction = Literal["min", "max", "sum"]


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
    """``min``, ``max`` or ``sum`` over two or more expressions of the same period."""

    position: int
    function: AggregateFunction
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Rounded:
    """``round(x, decimals)``, halves away from zero."""

    position: int
    operand: "Expression"
    decimals: int


Expression = Number | Name | Previous | Negative | Arithmetic | Comparison | Logical | Not | Conditional | Aggregate | Rounded


def children(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside ``node``, in the order they are written."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, Expression):
            yield value


def walk(node: Expression) -> Iterator[Expression]:
    """``node`` and everything inside it; without recursion, so that depth costs nothing."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))
