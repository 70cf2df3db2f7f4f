"""Which array holds which value of a vector program: as few as possible, so that a block of trials stays in the cache.

Linear scan (Poletto and Sarkar, 1999) over the steps of a block: a value's array is free again after the step that needs it last.
What no trial changes is a column or a number; each has an array of its own, since a run keeps it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from valuefabric.domain.formulas.vector_code_steps import Lane, Loop, Operand, Step, Steps, Value


@dataclass(slots=True)
class Slots:
    """The arrays of a program: the lane of each, whether it holds conditions, and the numbers that some hold from the start."""

    lanes: list[tuple[Lane, bool]] = field(default_factory=list)
    constants: dict[int, float] = field(default_factory=dict)
    by_period: set[int] = field(default_factory=set)  # those of which single periods are read or written

    def add(self, lane: Lane, *, logical: bool) -> int:
        """A new array's number."""
        self.lanes.append((lane, logical))
        return len(self.lanes) - 1


def assign_slots(slots: Slots, prepare: Steps, block: Steps) -> None:
    """Give every value of both lists its slot; values that have one (inputs, constants, results) keep it."""
    for step, _ in _located(prepare):
        for value in (*_written(step), *(operand.value for operand in step.operands)):
            _own(slots, value)
    _Scan(slots, block).run()
    for steps in (prepare, block):
        for step, _ in _located(steps):
            for operand in (*step.operands, step.result):
                if operand.window != "whole":
                    slots.by_period.add(operand.value.slot)


def _own(slots: Slots, value: Value) -> None:
    if value.slot < 0:
        value.slot = slots.add(value.lane, logical=value.logical)


def _written(step: Step) -> tuple[Value, ...]:
    return (step.result.value, *step.scratch)


def _located(steps: Steps) -> Iterator[tuple[Step, Loop | None]]:
    """Every step in the order it runs, with the loop that it is in."""
    for step in steps:
        if isinstance(step, Loop):
            for inner in (*step.first, *step.later):
                yield inner, step
        else:
            yield step, None


class _Scan:
    def __init__(self, slots: Slots, steps: Steps) -> None:
        self._slots = slots
        self._steps = list(_located(steps))
        self._free: dict[tuple[Lane, bool], list[int]] = {}
        self._last: dict[Value, int] = {}

    def run(self) -> None:
        """Walk the steps once; a loop's rows are there from its beginning, what it reads from outside until its end."""
        self._find_last_uses()
        for at, (step, loop) in enumerate(self._steps):
            if loop is not None and (at == 0 or self._steps[at - 1][1] is not loop):
                for row in loop.rows:
                    self._take(row)
            for scratch in step.scratch:
                self._take(scratch)
            kept = [operand for index, operand in enumerate(step.operands) if index not in step.reuse]
            self._release(at, [operand for operand in step.operands if self._gives_way(operand, step, kept)])
            self._take(step.result.value)
            self._release(at, [*step.operands, *map(Operand, _written(step))])

    def _find_last_uses(self) -> None:
        ends = {loop: at for at, (_, loop) in enumerate(self._steps) if loop is not None}
        born: dict[Value, Loop | None] = {}
        for at, (step, loop) in enumerate(self._steps):
            for value in _written(step):
                born.setdefault(value, None if loop is not None and value in loop.rows else loop)
            for value in (*_written(step), *(operand.value for operand in step.operands)):
                outside = loop is not None and born.get(value) is not loop
                self._last[value] = max(self._last.get(value, 0), ends[loop] if outside and loop is not None else at)

    def _gives_way(self, operand: Operand, step: Step, kept: list[Operand]) -> bool:
        """Whether the result may be written over this operand: the step allows it, and reads no other part of its array."""
        index = step.operands.index(operand)
        whole = operand.window == "whole" and operand.lane == step.result.lane
        return index in step.reuse and whole and all(other.value is not operand.value for other in kept)

    def _take(self, value: Value) -> None:
        if value.slot >= 0:
            return
        free = self._free.get((value.lane, value.logical))
        if free and value.lane.trials and not value.pinned:
            value.slot = free.pop()
        else:
            value.slot = self._slots.add(value.lane, logical=value.logical)

    def _release(self, at: int, operands: list[Operand]) -> None:
        for operand in operands:
            value = operand.value
            if value.pinned or not value.lane.trials or self._last[value] != at:
                continue
            self._last[value] = -1  # once
            self._free.setdefault((value.lane, value.logical), []).append(value.slot)
