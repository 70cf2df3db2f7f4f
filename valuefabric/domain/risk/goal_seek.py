"""Goal seek: the figure of an assumption at which a measure reaches a target. "Which lift pays this back in 12 months?"

Every try is a full computation in exact decimals. The figure is looked for outwards from the base, so of several the nearest is
found; what is returned meets the target, and a step further back towards the base does not.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Context, Decimal
from typing import Literal

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.model.compute import OverrideError, compute
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.risk.limits import MAX_SECONDS, RiskError
from valuefabric.domain.risk.moves import Move, move_of
from valuefabric.domain.risk.points import assumption_of
from valuefabric.domain.risk.vector_model import Assumption

Measure = Literal["npv", "roi_pct", "irr", "payback_months", "total_benefits", "total_costs", "pv_benefits", "pv_costs"]
LOWER_IS_BETTER = frozenset({"payback_months", "total_costs", "pv_costs"})
DIGITS = 12  # of the figure that is returned
_STRIDES = 40  # tries on each side of the base
_HALVINGS = 100  # more than a stride needs to shrink to the digits that are worked with
_SHARES = frozenset({"percent", "%", "share", "ratio"})
_FARTHEST = 10  # times the figure, where nothing says how far to look


@dataclass(frozen=True, slots=True)
class Goal:
    """``measure`` is to be at least ``target``; at most, for payback and costs. ``low`` and ``high`` bound the search."""

    key: str
    measure: Measure
    target: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """``figure`` is that of the assumption's largest period, ``figures`` are those of all; ``reached`` the measure with them.

    ``attained`` is false when no figure between ``low`` and ``high`` reaches the target: then ``figure`` is the one that comes
    nearest, and ``message`` says so. ``inside_range`` is false when the answer lies outside of what the model holds possible.
    """

    goal: Goal
    rows: tuple[str, ...]
    label: str
    attained: bool
    base: Decimal
    figure: Decimal | None
    figures: tuple[Decimal, ...]
    reached: Decimal | None
    inside_range: bool
    low: Decimal
    high: Decimal
    message: str


def goal_seek(
    document: ModelDocument, goal: Goal, *, seconds: float = MAX_SECONDS, clock: Callable[[], float] = time.monotonic
) -> Found:
    """The nearest figure that reaches ``goal``. Raises RiskError for what is no input, for bounds without room, and when it takes
    longer than ``seconds``."""
    end = clock() + seconds
    search = _Search(document, goal, assumption_of(document, goal.key), lambda: clock() > end)
    if search.meets(search.start):
        return search.answer(search.start)
    crossings = [crossing for crossing in (search.outwards(search.high), search.outwards(search.low)) if crossing is not None]
    if not crossings:
        return search.unattained()
    return search.answer(min(crossings, key=lambda figure: abs(figure - search.start)))


class _Search:
    def __init__(self, document: ModelDocument, goal: Goal, assumption: Assumption, is_over: Callable[[], bool]) -> None:
        self._is_over = is_over
        self._document = document
        self._goal = goal
        self._assumption = assumption
        self._known: dict[Decimal, Decimal | None] = {}
        self._move = move_of(assumption.rows[0])
        self.low, self.high = _bounds(assumption.rows[0], self._move, goal)
        self.start = min(max(self._move.base, self.low), self.high)

    def meets(self, figure: Decimal) -> bool:
        """Whether the goal is met with ``figure``. Without a payback or a return it is not."""
        value = self._value(figure)
        if value is None:
            return False
        return value <= self._goal.target if self._goal.measure in LOWER_IS_BETTER else value >= self._goal.target

    def outwards(self, end: Decimal) -> Decimal | None:
        """The first figure from the start towards ``end`` that meets the goal, to as many digits as are returned."""
        inside = self.start
        for outside in _strides(self.start, end):
            if self.meets(outside):
                return self._narrowed(inside, outside)
            inside = outside
        return None

    def _narrowed(self, inside: Decimal, outside: Decimal) -> Decimal:
        """Halve between a figure that does not meet the goal and one that does; of the latter, the one with few digits."""
        for _ in range(_HALVINGS):
            middle = _cut((inside + outside) / 2, DIGITS + 4, ROUND_HALF_EVEN)
            if middle in {inside, outside}:
                break
            if self.meets(middle):
                outside = middle
            else:
                inside = middle
        away = ROUND_UP if abs(outside) > abs(inside) else ROUND_DOWN
        short = (_cut(outside, DIGITS, rounding) for rounding in (ROUND_HALF_EVEN, away))
        return next((figure for figure in short if self.low <= figure <= self.high and self.meets(figure)), outside)

    def answer(self, figure: Decimal) -> Found:
        """The goal is attained."""
        message = "the model reaches it as it is" if figure == self._move.base else f"reached at {figure:f}"
        return self._found(figure, message, attained=True)

    def unattained(self) -> Found:
        """Of all that was tried, what came nearest."""
        known = {figure: value for figure, value in self._known.items() if value is not None}
        what = f"no figure from {self.low:f} to {self.high:f} gives {self._goal.measure} {self._goal.target:f}"
        if not known:
            return self._found(None, f"{what}: for none of them there is a {self._goal.measure}", attained=False)
        nearest = min(known, key=lambda figure: abs(known[figure] - self._goal.target))
        return self._found(nearest, f"{what}; the nearest is {known[nearest]:.6g}, at {nearest:f}", attained=False)

    def _found(self, figure: Decimal | None, message: str, *, attained: bool) -> Found:
        row = self._assumption.rows[0]
        return Found(
            goal=self._goal,
            rows=tuple(one.key for one in self._assumption.rows),
            label=row.label,
            attained=attained,
            base=self._move.base,
            figure=figure,
            figures=() if figure is None else self._move.figures(figure),
            reached=None if figure is None else self._value(figure),
            inside_range=figure is not None and _is_inside(row, self._move, figure),
            low=self.low,
            high=self.high,
            message=message,
        )

    def _value(self, figure: Decimal) -> Decimal | None:
        """The measure with ``figure``; None where there is none, or no result at all (a divisor of zero)."""
        if figure not in self._known:
            if self._is_over():
                raise RiskError(f"stopped after {len(self._known)} tries; say closer together from where to where to look")
            overrides = {row.key: self._move.figures(figure) for row in self._assumption.rows}
            try:
                measures = compute(self._document, overrides=overrides).measures
            except (FormulaError, OverrideError):
                self._known[figure] = None
            else:
                self._known[figure] = getattr(measures, self._goal.measure)
        return self._known[figure]


def _bounds(row: Row, move: Move, goal: Goal) -> tuple[Decimal, Decimal]:
    """What the goal says; else 0 to 100 % for a share, from zero to ten times the figure for others, and the row's range."""
    ends = [figure for figures in (row.low, row.high) if figures is not None for figure in [move.figure_of(figures)]]
    ends += [move.base]
    if row.unit.strip().lower() in _SHARES and 0 <= move.base <= 1:
        ends += [Decimal(0), Decimal(1)]
    elif move.base:
        ends += [Decimal(0), move.base * _FARTHEST]
    low = min(ends) if goal.low is None else goal.low
    high = max(ends) if goal.high is None else goal.high
    if not low < high:
        raise RiskError(f"row {row.key}: there is no room between {low:f} and {high:f}; say from where to where to look")
    return low, high


def _strides(start: Decimal, end: Decimal) -> Iterator[Decimal]:
    """From ``start`` to ``end`` in steps that grow: finest where the nearest answer would be."""
    if start != end:
        for step in range(1, _STRIDES + 1):
            yield _cut(start + (end - start) * step * step / (_STRIDES * _STRIDES), 30, ROUND_HALF_EVEN)


def _cut(figure: Decimal, digits: int, rounding: str) -> Decimal:
    """``figure`` with so many digits, without an exponent and zeros behind the last one."""
    return Decimal(f"{Context(prec=digits, rounding=rounding).plus(figure).normalize() + 0:f}")


def _is_inside(row: Row, move: Move, figure: Decimal) -> bool:
    """Inside the row's range; a row without one holds only its own figure possible."""
    low, high = (move.figure_of(figures) if figures is not None else move.base for figures in (row.low, row.high))
    return low <= figure <= high
