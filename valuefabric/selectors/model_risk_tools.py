"""Questions about a version's risk, answered by the risk engine. Its modules bring numpy: the first question loads them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.sensitivity import assumptions

if TYPE_CHECKING:
    from valuefabric.domain.risk.break_even import BreakEven
    from valuefabric.domain.risk.goal_seek import Found, Measure
    from valuefabric.domain.risk.sobol import SobolIndices
    from valuefabric.domain.risk.spider import Spider
    from valuefabric.domain.risk.two_way import TableMeasure, TwoWayTable


@dataclass(frozen=True)
class Question:
    """Which figure of ``row`` takes ``measure`` to ``target``?"""

    row: str
    measure: "Measure"
    target: Decimal


def movable_rows(document: ModelDocument) -> tuple[Row, ...]:
    """Every input that can be moved, once; two rows that are one assumption are told by the first."""
    return tuple(rows[0] for rows in assumptions(document))


def spider_lines(document: ModelDocument) -> "Spider":
    """The net present value as each assumption moves. Raises RiskError and FormulaError."""
    from valuefabric.domain.risk.spider import spider  # brings numpy

    return spider(document)


def two_way_table(document: ModelDocument, first: str, second: str, measure: "TableMeasure") -> "TwoWayTable":
    """A measure for pairs of figures of two assumptions. Raises RiskError and FormulaError."""
    from valuefabric.domain.risk.two_way import two_way  # brings numpy

    return two_way(document, first, second, measure=measure)


def goal_found(document: ModelDocument, question: Question) -> "Found":
    """The nearest figure that reaches the target, or what comes nearest. Raises RiskError."""
    from valuefabric.domain.risk.goal_seek import Goal, goal_seek  # brings numpy

    return goal_seek(document, Goal(question.row, question.measure, question.target))


def break_evens(document: ModelDocument) -> "tuple[BreakEven, ...]":
    """How much of each driver's benefits must come true."""
    from valuefabric.domain.risk.break_even import break_even  # its package's others bring numpy

    return break_even(document)


def uncertainty_shares(document: ModelDocument, *, seed: int) -> "SobolIndices":
    """Which assumption the spread of the net present value comes from. Raises RiskError and FormulaError."""
    from valuefabric.domain.risk.sobol import sobol_indices  # brings scipy and SALib

    return sobol_indices(document, seed=seed)
