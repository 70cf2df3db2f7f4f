"""Computed against published: does the engine meet every printed digit?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.finance.discounting import added
from valuefabric.domain.formulas.arithmetic import round_half_away
from valuefabric.domain.model.computation import Computation
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.expected import Expected


@dataclass(frozen=True, slots=True)
class Compared:
    """One published figure beside the computed one, rounded to the printed digit."""

    name: str
    expected: str
    computed: str
    agrees: bool


def compare(document: ModelDocument, computation: Computation) -> tuple[Compared, ...]:
    """Every figure of the document's ``expected`` block; empty when it has none."""
    if document.expected is None:
        return ()
    return (
        *_rows(document.expected, computation),
        *_drivers(document.expected, computation),
        *_measures(document.expected, computation),
        *_wrong_answers(document.expected, computation),
    )


def _rows(expected: Expected, computation: Computation) -> Iterator[Compared]:
    for key, figures in expected.rows.items():
        yield from _series(f"row {key}", figures, _row_values(computation, key, shown=False))
    for key, figures in expected.displayed.items():
        yield from _series(f"row {key} as displayed", figures, _row_values(computation, key, shown=True))
    for key, figure in expected.totals.items():
        yield _one(f"row {key} total", figure, added(_row_values(computation, key, shown=False)))


def _row_values(computation: Computation, key: str, *, shown: bool) -> tuple[Decimal, ...]:
    row = computation.rows.get(key)
    if row is None:
        return ()
    return row.displayed if shown else row.values


def _drivers(expected: Expected, computation: Computation) -> Iterator[Compared]:
    results = {driver.key: driver for driver in computation.drivers}
    for key, driver in expected.drivers.items():
        found = results.get(key)
        if driver.total is not None:
            yield _one(f"driver {key} total", driver.total, found.total if found else None)
        if driver.pv is not None:
            yield _one(f"driver {key} pv", driver.pv, found.pv if found else None)


def _measures(expected: Expected, computation: Computation) -> Iterator[Compared]:
    for name, figures in expected.measures.items():
        value = getattr(computation.measures, name)
        if isinstance(value, tuple):
            yield from _series(name, figures, value)
        else:
            yield _one(name, figures[0], value)
    if expected.payback is not None:
        text = computation.measures.payback_text
        yield Compared("payback", expected.payback, text, text == expected.payback)


def _wrong_answers(expected: Expected, computation: Computation) -> Iterator[Compared]:
    """Agrees when the engine does not print the figure that a naive one would."""
    for name, wrong in expected.wrong_answers.items():
        value = getattr(computation.measures, wrong.measure)
        value = value[-1] if isinstance(value, tuple) else value
        compared = _one(f"not {name}", wrong.value, value)
        yield Compared(compared.name, f"other than {compared.expected}", compared.computed, not compared.agrees)


def _series(name: str, expected: Sequence[Decimal], computed: Sequence[Decimal]) -> Iterator[Compared]:
    if len(expected) != len(computed):
        yield Compared(name, f"{len(expected)} figures", f"{len(computed)} figures", agrees=False)
        return
    for index, (figure, value) in enumerate(zip(expected, computed, strict=True)):
        yield _one(f"{name} [{computation_place(index)}]", figure, value)


def computation_place(index: int) -> str:
    """Columns as people count them."""
    return f"column {index + 1}"


def _one(name: str, expected: Decimal, computed: Decimal | None) -> Compared:
    if computed is None:
        return Compared(name, f"{expected:f}", "none", agrees=False)
    decimals = -int(expected.as_tuple().exponent)
    printed = round_half_away(computed, max(decimals, 0))
    return Compared(name, f"{expected:f}", f"{printed:f}", printed == expected)
