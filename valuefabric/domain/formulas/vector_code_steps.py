"""What a vector program is made of before it becomes code: values in lanes, and the steps that compute them.

A lane says how far a figure spreads. The price of a seat is one number, the seats by year are a column, an uncertain share is a
row over the trials, and what is computed of all three is the whole table. A step costs as much as its lane is large, so figures
stay in the smallest lane that holds them, and what no trial changes is computed once per run instead of once per block.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Window = Literal["whole", "first", "now", "before"]


class Lane(NamedTuple):
    """Whether a figure differs by period and by trial. Arrays are (), (periods, 1), (block,) or (periods, block)."""

    periods: bool
    trials: bool

    def __or__(self, other: "tuple[Any, ...]") -> "Lane":
        return Lane(self.periods or bool(other[0]), self.trials or bool(other[1]))


CONSTANT = Lane(periods=False, trials=False)


@dataclass(eq=False, slots=True)
class Value:
    """One figure or condition over all its lane. ``certain``: it cannot be missing (nan), whatever the inputs are."""

    lane: Lane
    logical: bool = False
    certain: bool = True
    pinned: bool = False  # lives to the end: an input, a result, a row that looks back at itself
    slot: int = -1


class Operand(NamedTuple):
    """A value, or the part of it that belongs to one period: the first, the present one, or the one before."""

    value: Value
    window: Window = "whole"

    @property
    def lane(self) -> Lane:
        """The lane of the part: one period of a column is a number."""
        return self.value.lane if self.window == "whole" else Lane(periods=False, trials=self.value.lane.trials)


@dataclass(eq=False, slots=True)
class Step:
    """``function(*operands, *scratch, out=result)``. ``reuse`` are the operands in whose memory the result may be
    written, when nobody needs them afterwards."""

    function: str
    operands: tuple[Operand, ...]
    result: Operand
    scratch: tuple[Value, ...] = ()
    reuse: tuple[int, ...] = ()


@dataclass(eq=False, slots=True)
class Loop:
    """Steps of rows that look back at themselves: ``first`` for the first period, ``later`` for each one after it."""

    rows: tuple[Value, ...] = ()
    first: list[Step] = field(default_factory=list)
    later: list[Step] = field(default_factory=list)


type Steps = Sequence[Step | Loop]
