"""The order in which rows must be computed, and the cycle when there is none.

Rows are computed period by period, all rows of one period before the next. A function of a whole row (npv, irr, a total) cannot
be part of such a pass: its row must be through. So rows are put into strata: a stratum is one pass over the periods, and what it
reads as a whole was computed in a stratum before. A model without such functions is a single stratum.
"""

from collections.abc import Iterator, Mapping, Sequence

from valuefabric.domain.formulas.components import components
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import Formula
from valuefabric.domain.formulas.limits import MAX_SERIES
from valuefabric.domain.formulas.needs import Needs, needs_of
from valuefabric.domain.formulas.nodes import Series, walk


def computing_order(formulas: Mapping[str, Formula]) -> tuple[str, ...]:
    """Keys of ``formulas`` such that each comes after what it needs, stratum by stratum; raises FormulaError naming a cycle.

    Rows that are not formulas need no order. ``previous`` makes no cycle by itself: it looks at a column that is complete.
    """
    if not any(formula.whole for formula in formulas.values()):
        return _within_a_period(formulas)
    _check_count(formulas)
    stratum = strata_of({key: needs_of(formula.tree) for key, formula in formulas.items()})
    return tuple(sorted(_within_a_period(formulas), key=stratum.__getitem__))


def strata_of(needs: Mapping[str, Needs]) -> dict[str, int]:
    """The stratum of each row, from 0; raises FormulaError where a row as a whole is needed for itself.

    A row comes one after what it reads as a whole, and is together with those with which it depends on itself by ``previous``.
    """
    reads = {key: [name for name in (*own.same, *own.lagged, *own.whole) if name in needs] for key, own in needs.items()}
    stratum: dict[str, int] = {}
    for component in components(needs, reads):
        together = frozenset(component)
        least = 0
        for key in component:
            for name in reads[key]:
                if name in together and name in needs[key].whole:
                    raise _needs_itself(needs, key, name, _path(reads, together, name, key))
                if name not in together:
                    least = max(least, stratum[name] + (name in needs[key].whole))
        stratum.update(dict.fromkeys(component, least))
    return stratum


def _check_count(formulas: Mapping[str, Formula]) -> None:
    found = 0
    for key, formula in formulas.items():
        found += sum(isinstance(node, Series) for node in walk(formula.tree))
        if found > MAX_SERIES:
            message = (
                f"the model has more than {MAX_SERIES} functions of whole rows (npv, irr, totals ...); compute each one once"
            )
            raise FormulaError(message, key)


def _within_a_period(formulas: Mapping[str, Formula]) -> tuple[str, ...]:
    """Depth-first search with an own stack: a chain of a thousand rows must not exhaust Python's."""
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


def _path(reads: Mapping[str, Sequence[str]], inside: frozenset[str], start: str, end: str) -> list[str]:
    """The shortest way from ``start`` to ``end`` inside a component, both included."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for key in waiting:
        if key == end:
            break
        for name in reads[key]:
            if name in inside and name not in came_from and name != start:
                came_from[name] = key
                waiting.append(name)
    path = [end]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def _needs_itself(needs: Mapping[str, Needs], key: str, name: str, path: Sequence[str]) -> FormulaError:
    around = " -> ".join([key, *path])
    message = (
        f"the row needs '{name}' in every period, which in turn needs this row: {around}; even previous(...) cannot break that"
    )
    return FormulaError(message, key, needs[key].whole[name])
