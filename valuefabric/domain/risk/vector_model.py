"""A document ready for many trials: its rows as one vector program that gives benefits and costs, and what judges them."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Protocol

import numpy as np

from valuefabric.domain.formulas.arithmetic import ZERO
from valuefabric.domain.formulas.nodes import Arithmetic, Expression, Name, Number
from valuefabric.domain.formulas.python_code import RowProgram
from valuefabric.domain.formulas.vector_code import VectorProgram, VectorRun, compile_vectors
from valuefabric.domain.formulas.vector_code_steps import Lane
from valuefabric.domain.model.compiled import compile_model
from valuefabric.domain.model.counting import counted
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.lowering import given_figures, given_name
from valuefabric.domain.model.sensitivity import assumptions
from valuefabric.domain.risk.limits import MAX_SECONDS, RiskError
from valuefabric.domain.risk.standard import Array
from valuefabric.domain.risk.vector_measures import BlockJudge, TrialMeasures, measures_for

type Progress = Callable[[int], None]
BENEFITS, COSTS = "all benefits", "all costs"  # no user's key has a space


class Fill(Protocol):
    """Puts the figures of an assumption in the trials from ``start`` to before ``end`` into ``out``."""

    def __call__(self, key: str, start: int, end: int, /, *, out: Array) -> None: ...


@dataclass(frozen=True, slots=True)
class Assumption:
    """Inputs that are one assumption and move together; ``rows[0]`` tells of all."""

    rows: tuple[Row, ...]

    @property
    def key(self) -> str:
        """The first row's key, by which the assumption is known."""
        return self.rows[0].key


def assumptions_of(document: ModelDocument) -> tuple[Assumption, ...]:
    """Every input once: those of one name, figures, range and distribution are one."""
    groups: dict[object, list[Row]] = {}
    for rows in assumptions(document):
        for row in rows:
            groups.setdefault((rows[0].key, row.distribution), []).append(row)
    return tuple(Assumption(tuple(rows)) for rows in groups.values())


class VectorModel:
    """``moved`` are the assumptions that differ by trial, and whether they differ by period too."""

    def __init__(self, document: ModelDocument, moved: Mapping[str, bool]) -> None:
        self._document = document
        self._program, self._fixed = _compiled(_Frozen(document), tuple(sorted(moved.items())))
        self._moved = {name: name.removeprefix(given_name("")) for name in self._program.drawn}

    def measured(
        self,
        trials: int,
        fill: Fill,
        *,
        block_size: int | None = None,
        seconds: float = MAX_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        progress: Progress | None = None,
    ) -> TrialMeasures:
        """Measures of all trials. ``fill`` is asked for the figures of each moved assumption, (trials,) or (periods, trials),
        block after block; ``progress`` hears how many are done, and whatever it raises ends the work. Raises RiskError when it
        takes longer than ``seconds``."""
        found = measures_for(trials)
        run = VectorRun(self._program, block_size)
        size = min(run.block_size, trials)
        judge = BlockJudge(self._document.conventions, len(self._document.periods), size)
        run.give(self._fixed)
        until = clock() + seconds
        with np.errstate(all="ignore"):
            for start in range(0, trials, size):
                if clock() > until:
                    raise RiskError(f"stopped after {seconds:g} seconds and {start:,} of {trials:,} trials; ask for fewer")
                end = min(start + size, trials)
                run.compute(end - start, {name: partial(fill, key, start, end) for name, key in self._moved.items()})
                judge.judge(run.result(BENEFITS), run.result(COSTS), found.part(start, end))
                if progress is not None:
                    progress(end)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Frozen:
    """A document as a key of the cache: by identity of content, since hashing every row costs more than it saves."""

    document: ModelDocument

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self.document is other.document

    def __hash__(self) -> int:
        return id(self.document)


@lru_cache(maxsize=16)
def _compiled(frozen: _Frozen, moved: tuple[tuple[str, bool], ...]) -> tuple[VectorProgram, dict[str, Array]]:
    """The program for these moved assumptions, and the figures of all other inputs."""
    document, by_period = frozen.document, dict(moved)
    compiled, figures = compile_model(document), given_figures(document)
    names = input_names(compiled.inputs)
    aliases = {names[row.key]: names[one.key] for one in assumptions_of(document) for row in one.rows[1:]}
    lanes: dict[str, Lane] = {}
    fixed: dict[str, Array] = {}
    for name in compiled.inputs:
        key = name.removeprefix(given_name(""))
        if key in by_period:
            lanes[name] = Lane(by_period[key], True)
        elif name not in aliases:
            lanes[name], fixed[name] = _fixed(figures[name])
    rows = [RowProgram(name, Name(0, first)) for name, first in aliases.items()]
    rows += _with_totals(document, compiled.rows, lanes)
    program = compile_vectors(lanes, rows, periods=len(document.periods), results=(BENEFITS, COSTS))
    return program, {name: row for name, row in fixed.items() if name in program.fixed}


def input_names(inputs: Sequence[str]) -> dict[str, str]:
    """The names under which a program takes figures, by key of the row."""
    return {name.removeprefix(given_name("")): name for name in inputs}


def _with_totals(document: ModelDocument, rows: Sequence[RowProgram], lanes: Mapping[str, Lane]) -> Iterator[RowProgram]:
    """``rows`` and the totals of benefits and costs; each counted row is added as soon as it is there, so its array is free."""
    entering = counted(document)
    roles = dict.fromkeys(entering.benefits, BENEFITS) | dict.fromkeys(entering.costs, COSTS)
    totals: dict[str, Expression] = {BENEFITS: Number(0, ZERO), COSTS: Number(0, ZERO)}
    computed = {row.key for row in rows}
    given = [name for name in roles if name not in computed]
    for name in sorted(given, key=lambda name: name in lanes and lanes[name].trials):
        totals[roles[name]] = yield from _added(totals[roles[name]], name)
    for row in rows:
        yield row
        if row.key in roles:
            totals[roles[row.key]] = yield from _added(totals[roles[row.key]], row.key)
    for total, tree in totals.items():
        yield RowProgram(total, tree)


def _added(total: Expression, name: str) -> Generator[RowProgram, None, Expression]:
    if isinstance(total, Number):
        return Name(0, name)
    yield RowProgram(f"until {name}", Arithmetic(0, "+", total, Name(0, name)))
    return Name(0, f"until {name}")


def _fixed(figures: Sequence[Decimal]) -> tuple[Lane, Array]:
    """A column, or one number where all periods have the same."""
    row = np.array([float(figure) for figure in figures])
    if len(set(figures)) > 1:
        return Lane(periods=True, trials=False), row
    return Lane(periods=False, trials=False), row[:1]
