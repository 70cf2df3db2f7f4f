"""Figures typed or pasted into cells: all of them, or none with a reason for each that does not fit."""

from decimal import Decimal

from valuefabric.domain.editing.edits import CellText, SetCells
from valuefabric.domain.editing.refusal import EditRefused, Problem
from valuefabric.domain.editing.rows import Draft
from valuefabric.domain.editing.typed import FigureRefused, decimal_mark_of, read_typed
from valuefabric.domain.model import Row

MOST_TOLD = 20


def with_figures(draft: Draft, edit: SetCells) -> None:
    """Put every figure in its place. Raises EditRefused with a problem for each cell that refuses its own."""
    mark = _mark(edit)
    figures: dict[str, dict[str, list[Decimal]]] = {}
    cleared: set[str] = set()
    problems: list[Problem] = []
    for cell in edit.cells:
        problem = _put(draft, cell, mark, figures)
        if problem:
            problems.append(problem)
        elif cell.part != "values" and not cell.text.strip():
            cleared.add(cell.row)
    for key, parts in figures.items():
        problems += _outside(draft.rows[key], draft.periods, parts)
    if problems:
        raise EditRefused(problems[:MOST_TOLD])
    for key, parts in figures.items():
        update = {name: tuple(values) for name, values in parts.items()}
        row = draft.rows[key].model_copy(update=update)
        draft.rows[key] = _without_empty_range(row) if key in cleared else row


def _mark(edit: SetCells) -> str:
    try:
        return decimal_mark_of(cell.text for cell in edit.cells) or edit.mark
    except FigureRefused as error:
        first = edit.cells[0]
        raise EditRefused([Problem(str(error), first.row, first.period, first.part)]) from error


def _put(draft: Draft, cell: CellText, mark: str, figures: dict[str, dict[str, list[Decimal]]]) -> Problem | None:
    row = draft.rows.get(cell.row)
    if row is None or cell.period not in draft.periods:
        return Problem("The model has no such cell any more. Load the page again.", cell.row, cell.period, cell.part)
    if row.values is None:
        told = f"{row.label} is computed; change its formula, or turn it into figures first."
        return Problem(told, cell.row, cell.period, cell.part)
    parts = figures.setdefault(cell.row, {})
    index = draft.periods.index(cell.period)
    own = parts.setdefault(cell.part, list(getattr(row, cell.part) or row.values))
    try:
        own[index] = read_typed(cell.text, row.unit, mark) if cell.text.strip() else _cleared(row, parts, cell, index)
    except FigureRefused as error:
        return Problem(str(error), cell.row, cell.period, cell.part)
    return None


def _cleared(row: Row, parts: dict[str, list[Decimal]], cell: CellText, index: int) -> Decimal:
    """Nothing typed: a figure is zero, an end of a range is the figure itself."""
    return Decimal(0) if cell.part == "values" else parts.get("values", list(row.values or ()))[index]


def _outside(row: Row, periods: tuple[str, ...], parts: dict[str, list[Decimal]]) -> list[Problem]:
    """Ranges must enclose their figures; where only one end is known the other is the figure."""
    values = parts.get("values") or row.values or ()
    low, high = parts.get("low") or row.low, parts.get("high") or row.high
    if (low is None) != (high is None):
        low, high = low or list(values), high or list(values)
        parts["low"], parts["high"] = list(low), list(high)
    if low is None or high is None:
        return []
    told = "{value} lies outside its range, {low} to {high}. Write one inside, or widen the range."
    part = "values" if "values" in parts else next(iter(parts))
    return [
        Problem(
            told.format(value=_typed(values[at], row.unit), low=_typed(low[at], row.unit), high=_typed(high[at], row.unit)),
            row.key,
            period,
            part,
        )
        for at, period in enumerate(periods)
        if not low[at] <= values[at] <= high[at]
    ]


def _without_empty_range(row: Row) -> Row:
    if row.low == row.values == row.high:
        return row.model_copy(update={"low": None, "high": None})
    return row


def _typed(value: Decimal, unit: str) -> str:
    number = value * 100 if unit == "percent" else value
    text = f"{number.normalize():,f}"
    return f"{text} %" if unit == "percent" else text
