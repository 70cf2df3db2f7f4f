"""Where the periods stand: the heading rows of each sheet, and the one timeline that the model takes."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from valuefabric.domain.imports.workbook.periods import MONTHS, PeriodKind, PeriodName, period_name
from valuefabric.domain.model.document import MAX_PERIODS
from valuefabric.domain.spreadsheets.book import Book, Sheet

_COUNTED: Mapping[str, PeriodKind] = {"year": "year", "quarter": "quarter", "month": "month", "half": "half"}


@dataclass(frozen=True, slots=True)
class Axis:
    """A heading row: the columns of its periods, for the rows below it down to the next heading (``last_row``)."""

    sheet: str
    row: int
    last_row: int
    columns: tuple[int, ...]
    periods: tuple[PeriodName, ...]

    def covers(self, row: int) -> bool:
        """Whether the heading is that of ``row``."""
        return self.row < row <= self.last_row


@dataclass(frozen=True, slots=True)
class Timeline:
    """The model's periods. ``initial``: the first column is the moment of the start."""

    kind: PeriodKind
    periods: tuple[PeriodName, ...]

    @property
    def initial(self) -> bool:
        return self.periods[0].kind == "initial"

    @property
    def months_per_period(self) -> int:
        return MONTHS[self.kind]

    @property
    def keys(self) -> tuple[str, ...]:
        """``initial, y1, y2``, whatever the calendar says; the labels keep the words of the sheet."""
        letter = {"year": "y", "half": "h", "quarter": "q", "month": "m"}[self.kind]
        regular = [f"{letter}{number}" for number in range(1, len(self.periods) + 1 - self.initial)]
        return ("initial", *regular) if self.initial else tuple(regular)

    def columns_on(self, axis: Axis) -> tuple[int | None, ...] | None:
        """For each period its column on ``axis``, None where it is not there; None altogether for another kind of periods."""
        own = {(period.kind, period.ordinal): column for period, column in zip(axis.periods, axis.columns, strict=True)}
        found = tuple(own.get((period.kind, period.ordinal)) for period in self.periods)
        known = {(period.kind, period.ordinal) for period in self.periods}
        return found if set(own) <= known and any(column is not None for column in found) else None


def axes_of(sheet: Sheet) -> tuple[Axis, ...]:
    """The heading rows of a sheet, from the top."""
    found = [(row, run) for row, cells in _rows(sheet) if (run := _best_run(cells, sheet, row))]
    axes = []
    for index, (row, run) in enumerate(found):
        last = found[index + 1][0] - 1 if index + 1 < len(found) else max(one for one, _ in sheet.cells)
        axes.append(Axis(sheet.name, row, last, tuple(column for column, _ in run), tuple(period for _, period in run)))
    return tuple(axis for axis in axes if _figures_below(sheet, axis))


def timeline_of(book: Book, axes: Sequence[Axis]) -> Timeline | None:
    """The periods over most figures; of equals the longer row, then the first."""
    sheets = {sheet.name: sheet for sheet in book.sheets}
    weight: Counter[tuple[PeriodName, ...]] = Counter()
    for axis in axes:
        weight[axis.periods] += _figures_below(sheets[axis.sheet], axis)
    if not weight:
        return None
    order = list(weight)
    periods = max(order, key=lambda one: (weight[one], len(one), -order.index(one)))[:MAX_PERIODS]
    return Timeline(next(period.kind for period in periods if period.kind != "initial"), periods)


def _rows(sheet: Sheet) -> Iterator[tuple[int, dict[int, PeriodName]]]:
    rows: dict[int, dict[int, PeriodName]] = {}
    for (row, column), cell in sheet.cells.items():
        if (period := period_name(cell)) is not None:
            rows.setdefault(row, {})[column] = period
    yield from sorted(rows.items())


def _best_run(cells: Mapping[int, PeriodName], sheet: Sheet, row: int) -> list[tuple[int, PeriodName]]:
    """The longest run of one kind, each one further than the last; years' totals between quarters are stepped over."""
    best: list[tuple[int, PeriodName]] = []
    for kind in ("year", "half", "quarter", "month", "number"):
        run = _run([(column, period) for column, period in sorted(cells.items()) if period.kind in {kind, "initial"}])
        best = max(best, run, key=len)
    best = max(best, _spaced(cells), key=len)
    if best and best[-1][1].kind == "number":
        best = _numbered(best, sheet, row)
    enough = len(best) > 1 and sum(period.kind != "initial" for _, period in best) > 0
    return best if enough else []


def _run(periods: Sequence[tuple[int, PeriodName]]) -> list[tuple[int, PeriodName]]:
    best: list[tuple[int, PeriodName]] = []
    run: list[tuple[int, PeriodName]] = []
    for column, period in periods:
        follows = (
            bool(run)
            and period.kind != "initial"
            and (run[-1][1].kind == "initial" or (period.dated == run[-1][1].dated and period.ordinal == run[-1][1].ordinal + 1))
        )
        run = [*run, (column, period)] if follows else [(column, period)]
        best = max(best, run, key=len)
    return best


def _spaced(cells: Mapping[int, PeriodName]) -> list[tuple[int, PeriodName]]:
    """Dates a quarter or a year apart name quarters or years by their last day."""
    months = [(column, period) for column, period in sorted(cells.items()) if period.kind == "month" and period.dated]
    steps = {after.ordinal - before.ordinal for (_, before), (_, after) in itertools.pairwise(months)}
    if steps == {12}:
        return [(column, PeriodName("year", one.ordinal // 12, one.text, dated=True)) for column, one in months]
    if steps == {3}:
        return [(column, PeriodName("quarter", one.ordinal // 3, one.text, dated=True)) for column, one in months]
    return []


def _numbered(run: list[tuple[int, PeriodName]], sheet: Sheet, row: int) -> list[tuple[int, PeriodName]]:
    """Bare numbers count periods when they start at 0 or 1 and the label before them says of what."""
    labels = [cell.text.lower() for (at, column), cell in sheet.cells.items() if at == row and column < run[0][0]]
    kind = next((kind for word, kind in _COUNTED.items() if any(word in label for label in labels)), None)
    if kind is None or len(run) < 2 or run[0][1].ordinal not in {0, 1}:
        return []
    made = []
    for column, period in run:
        initial = period.kind == "initial" or period.ordinal == 0
        made.append((column, PeriodName("initial" if initial else kind, period.ordinal, f"{kind.capitalize()} {period.text}")))
    return made


def _figures_below(sheet: Sheet, axis: Axis) -> int:
    columns = set(axis.columns)
    return sum(
        axis.covers(row) and column in columns and (cell.number is not None or bool(cell.formula))
        for (row, column), cell in sheet.cells.items()
    )
