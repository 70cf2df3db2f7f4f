"""From the registered subjects to rows: which benchmarks an area has, and what running them gives."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from benchmarks.measuring import Measured


@dataclass(frozen=True, slots=True)
class Subject:
    """One file of benchmarks: ``module`` is imported when the ``area`` is run."""

    area: str
    module: str

    def benchmarks(self) -> tuple[Callable[[], Measured], ...]:
        """Its functions, in the order in which the file lists them."""
        found: tuple[Callable[[], Measured], ...] = import_module(self.module).BENCHMARKS
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """What running one benchmark gave; the fields are those of ``bench.json``."""

    area: str
    work: str
    figure: float
    unit: str
    reference: float | None
    ratio: float | None
    bar: str | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A benchmark that ended in an error instead of a figure."""

    area: str
    name: str
    error: Exception


def areas(subjects: Iterable[Subject]) -> tuple[str, ...]:
    """Every area once, in the order of registration."""
    return tuple(dict.fromkeys(subject.area for subject in subjects))


def run(subjects: Iterable[Subject], area: str | None = None) -> Iterator[Row | Broken]:
    """Rows as they are measured; an error of one benchmark does not keep the others from being measured."""
    for subject in subjects:
        if area in {None, subject.area}:
            yield from _results(subject)


def _results(subject: Subject) -> Iterator[Row | Broken]:
    try:
        benchmarks = subject.benchmarks()
    except Exception as error:  # noqa: BLE001 - as below
        yield Broken(subject.area, subject.module, error)
        return
    for benchmark in benchmarks:
        try:
            yield _row(subject.area, benchmark())
        except Exception as error:  # noqa: BLE001 - reported by name at the end, after the others were measured
            yield Broken(subject.area, benchmark.__name__, error)


def _row(area: str, measured: Measured) -> Row:
    return Row(
        area=area,
        work=measured.work,
        figure=measured.figure,
        unit=measured.unit,
        reference=measured.reference,
        ratio=measured.ratio,
        bar=measured.bar.text(measured.unit) if measured.bar else None,
        holds=measured.bar.holds(measured) if measured.bar else None,
    )
