"""Moving an assumption by one figure when it has one per period: its largest period is moved, the others keep their proportion.

So a lift of 4 %, 8 %, 8 % that is moved to 10 % becomes 5 %, 10 %, 10 %, and a column that is zero before anything begins stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.model.document import Row


@dataclass(frozen=True, slots=True)
class Move:
    """``base`` is the figure of the largest period; ``shares`` are the periods' figures as shares of it."""

    base: Decimal
    shares: tuple[Decimal, ...]

    def figures(self, figure: Decimal) -> tuple[Decimal, ...]:
        """The row's figures with its largest period at ``figure``."""
        return tuple(ENGINE.multiply(share, figure) for share in self.shares)

    def figure_of(self, figures: Sequence[Decimal]) -> Decimal:
        """Of other figures of the row (an end of its range), the one of the same period."""
        return figures[self.shares.index(ONE)]


def move_of(row: Row) -> Move:
    """How ``row`` is moved; one that is zero throughout is moved in all periods alike."""
    values = row.values or ()
    base = max(values, key=abs, default=ZERO)
    if not base:
        return Move(ZERO, (ONE,) * len(values))
    return Move(base, tuple(ONE if value == base else ENGINE.divide(value, base) for value in values))
