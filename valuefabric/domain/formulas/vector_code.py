"""The vector back end: all trials of a model at once, in binary floating point, by numpy.

A model is compiled once into two functions: one for what no trial changes, one for a block of trials. A block is as many trials
as let every array that is needed at the same time stay in the processor's cache; arrays are reused from block to block and,
inside one, from row to row as soon as nothing needs a row any more. Rows that nothing wanted needs are not computed.

numpy is imported with this module, so whoever only shows models must not import it at start.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from valuefabric.domain.formulas.python_code import RowProgram
from valuefabric.domain.formulas.vector_code_buffers import Slots, assign_slots
from valuefabric.domain.formulas.vector_code_functions import Array
from valuefabric.domain.formulas.vector_code_order import grouped
from valuefabric.domain.formulas.vector_code_python import Run, Source, compiled
from valuefabric.domain.formulas.vector_code_steps import Lane, Value
from valuefabric.domain.formulas.vector_code_writer import Writer

# Measured: a call of numpy costs so much that a block may outgrow a second-level cache of 1 MB; the third level has the rest.
CACHE_BYTES = 3 * 1024 * 1024
SMALLEST_BLOCK, LARGEST_BLOCK = 1_024, 16_384
# A hostile model needs a thousand rows of 120 periods at once; its blocks are small instead.
MOST_BYTES = 64 * 1024 * 1024
FIXED = Lane(periods=True, trials=False)


@dataclass(frozen=True, slots=True)
class VectorProgram:
    """A compiled model. ``fixed`` and ``results`` say in which array the figures of an input that no trial changes are given and
    those of a row come back; ``drawn`` are the inputs that differ by trial, in the order in which a block asks for them."""

    periods: int
    fixed: Mapping[str, int]
    drawn: tuple[str, ...]
    results: Mapping[str, int]
    slots: Slots
    prepare: Run
    block: Run

    @property
    def block_size(self) -> int:
        """Trials per block."""
        figures = sum((self.periods if lane.periods else 1) for lane, _ in self.slots.lanes if lane.trials)
        bytes_per_trial = 8 * max(figures, 1)
        wanted = min(max(CACHE_BYTES // bytes_per_trial // 64 * 64, SMALLEST_BLOCK), LARGEST_BLOCK)
        return max(1, min(wanted, MOST_BYTES // bytes_per_trial))


def compile_vectors(
    inputs: Mapping[str, Lane] | Sequence[str],
    rows: Sequence[RowProgram],
    *,
    periods: int,
    results: Collection[str] | None = None,
) -> VectorProgram:
    """A program that computes ``results`` (every row unless given) of ``rows``, which stand in computing order.

    ``inputs`` say which of the figures given differ by period and which by trial; names alone stand for figures by period that
    all trials share. A row's array is free again after the last row that needs it, so rows that are used soon keep blocks large.
    """
    lanes = inputs if isinstance(inputs, Mapping) else dict.fromkeys(inputs, FIXED)
    wanted = tuple(results) if results is not None else tuple(row.key for row in rows)
    slots = Slots()
    given = {key: Value(lane, slot=-1 if lane.trials else slots.add(lane, logical=False)) for key, lane in lanes.items()}
    writer = Writer(given, periods)
    for group in grouped(rows, wanted):
        writer.write(group)
    for number, value in writer.constants.items():
        value.slot = slots.add(value.lane, logical=False)
        slots.constants[value.slot] = number
    for key in wanted:
        writer.value(key).pinned = True
    assign_slots(slots, writer.prepare, writer.block)
    return VectorProgram(
        periods=periods,
        fixed={key: value.slot for key, value in given.items() if not value.lane.trials},
        drawn=tuple(writer.sources),
        results={key: writer.values[key].slot for key in wanted},
        slots=slots,
        prepare=compiled(writer.prepare, writer.reached),
        block=compiled(writer.block, writer.reached),
    )


class VectorRun:
    """The arrays of one run of a program: give the fixed figures, then compute block after block."""

    def __init__(self, program: VectorProgram, block_size: int | None = None) -> None:
        self.program = program
        self.block_size = block_size or program.block_size
        self._memory = [self._allocated(lane, logical=logical) for lane, logical in program.slots.lanes]
        for slot, number in program.slots.constants.items():
            self._memory[slot].fill(number)
        self._shape(self.block_size)

    def give(self, figures: Mapping[str, Sequence[Decimal | float] | float | Array]) -> None:
        """The figures of the inputs that no trial changes; computes at once all that follows from them alone."""
        for key, row in figures.items():
            target = self._arrays[self.program.fixed[key]]
            values = np.asarray(row, dtype=np.float64)
            target[...] = values.reshape(target.shape) if target.size == values.size else values
        self._run(self.program.prepare, {})

    def compute(self, trials: int, sources: Mapping[str, Source]) -> None:
        """Compute a block. ``sources[key](out=array)`` is asked for the figures of each drawn input, once: (trials,) or
        (periods, trials) of them. A step may write over them afterwards."""
        if trials != self._trials:
            self._shape(trials)
        self._run(self.program.block, sources)

    def _run(self, code: Run, sources: Mapping[str, Source]) -> None:
        asked = [sources[key] for key in self.program.drawn] if sources else []
        with np.errstate(all="ignore"):
            code(self._arrays, self._periods_of, range(1, self.program.periods), asked)

    def result(self, key: str) -> Array:
        """A row's figures, (periods, trials) or what spreads to it. Good until the next block."""
        return self._arrays[self.program.results[key]]

    def _allocated(self, lane: Lane, *, logical: bool) -> Array:
        rows = self.program.periods if lane.periods else 1
        return np.zeros(rows * (self.block_size if lane.trials else 1), dtype=np.bool_ if logical else np.float64)

    def _shape(self, trials: int) -> None:
        self._trials = trials
        lanes = self.program.slots.lanes
        self._arrays = [
            _shaped(memory, lane, self.program.periods, trials) for memory, (lane, _) in zip(self._memory, lanes, strict=True)
        ]
        self._periods_of: list[list[Array]] = [[] for _ in lanes]
        for slot in self.program.slots.by_period:
            array = self._arrays[slot]
            self._periods_of[slot] = [
                row if lanes[slot][0].trials else array[at : at + 1].reshape(()) for at, row in enumerate(array)
            ]


def _shaped(memory: Array, lane: Lane, periods: int, trials: int) -> Array:
    """The beginning of ``memory`` as (), (periods, 1), (trials,) or (periods, trials)."""
    if not lane.trials:
        return memory.reshape(-1, 1) if lane.periods else memory.reshape(())
    if not lane.periods:
        return memory[:trials]
    return memory[: periods * trials].reshape(periods, trials)
