"""The order in which rows must be computed, and the cycle when there is none."""

from collections.abc import Iterator, Mapping, Sequence

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import Formula


def computing_order(formulas: Mapping[str, Formula]) -> tuple[str, ...]:
    """Keys of ``formulas`` such that each comes after what it needs in the same period; raises FormulaError naming a cycle.

    Depth-first search with an own stack (a chain of a thousand rows must not exhaust Python's). Rows that are not formulas need
    no order. ``previous`` never makes a cycle: it looks at a column that is complete.
    """
    done: dict[str, None] = {}
    for start in formulas:
        if start in done:
            continue
        path: list[str] = [start]
        open_rows = {start}
        waiting: list[Iterator[str]] = [_needs(formulas, start)]
        while waiting:
            needed = next((key for key in waiting[-1] if key not in done), None)
            if needed is None:
                waiting.pop()
                finished = path.pop()
                open_rows.discard(finished)
                done[finished] = None
            elif needed in open_rows:
                raise _cycle(formulas, [*path[path.index(needed) :], needed])
            else:
                path.append(needed)
                open_rows.add(needed)
                waiting.append(_needs(formulas, needed))
    return tuple(done)


def _needs(formulas: Mapping[str, Formula], key: str) -> Iterator[str]:
    return (name for name in formulas[key].references if name in formulas)


def _cycle(formulas: Mapping[str, Formula], path: Sequence[str]) -> FormulaError:
    first = formulas[path[0]]
    if len(path) == 2:
        message = f"the row refers to itself; for the period before write previous({path[0]}, 0)"
    else:
        message = f"the rows refer to each other in a circle: {' -> '.join(path)}; break it with previous(row, 0)"
    return FormulaError(message, first.row, first.references[path[1]])
