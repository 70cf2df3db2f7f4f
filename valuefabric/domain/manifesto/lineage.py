"""How rows hang together: which rows a row is made of, and what it is in the end."""

import hashlib
import re
from decimal import Decimal
from functools import lru_cache

from valuefabric.domain.formulas import Formula, compile_formula
from valuefabric.domain.formulas.nodes import Number, walk
from valuefabric.domain.model import Driver, ModelDocument, Row

_NAME = re.compile(r"[A-Za-z]\w*")
_MOST_PASSES = 20
_ON_THE_WAY = {"convert", "escalation", "timing", "phase_in", "phase_out", "attribution", "probability"}


def counted_drivers(document: ModelDocument) -> tuple[Driver, ...]:
    """The drivers that are in the number."""
    return tuple(driver for driver in document.drivers if driver.counted)


def counted_benefits(document: ModelDocument) -> tuple[Row, ...]:
    """The benefit rows that are in the number, those without a driver included."""
    uncounted = {driver.key for driver in document.drivers if not driver.counted}
    return tuple(row for row in document.rows if row.role == "benefit" and row.driver not in uncounted)


def counted_inputs(document: ModelDocument) -> tuple[Row, ...]:
    """The rows with given values that a counted benefit or cost is made of, in the document's order."""
    uncounted = {driver.key for driver in document.drivers if not driver.counted}
    results = [row for row in document.rows if row.role and row.driver not in uncounted]
    used = {key for row in results for key in (row.key, *ancestors(document, row.key))}
    return tuple(row for row in document.rows if row.values is not None and row.key in used)


def references(row: Row) -> tuple[set[str], set[str]]:
    """The rows that a row is made of: those that its formula names, of the same period and of the period before, and those that
    have its shares and its growth."""
    shares = {
        share for share in (row.attribution, row.probability, row.escalation and row.escalation.rate) if isinstance(share, str)
    }
    if row.formula is None:
        return shares, set()
    formula = _compiled(row.formula, row.key)
    return set(formula.references) | shares, set(formula.lagged)


@lru_cache(maxsize=4096)
def _compiled(text: str, key: str) -> Formula:
    """A formula is read once for all rules that ask about it."""
    return compile_formula(text, row=key)


def literals(row: Row) -> tuple[Decimal, ...]:
    """The numbers written into a formula."""
    if row.formula is None:
        return ()
    return tuple(node.value for node in walk(_compiled(row.formula, row.key).tree) if isinstance(node, Number))


def ancestors(document: ModelDocument, key: str) -> set[str]:
    """All rows that a row is made of, over any number of steps and periods."""
    known = {row.key: row for row in document.rows}
    found: set[str] = set()
    waiting = [key]
    while waiting:
        same, before = references(known[waiting.pop()])
        new = ((same | before) & set(known)) - found
        found |= new
        waiting.extend(new)
    return found


def signatures(document: ModelDocument) -> dict[str, str]:
    """What each row is in the end, whatever it is called: its inputs' figures and sources, put together by its formulas.

    Hashes, so that a row used a thousand times does not make a text a thousand times as long. What `previous` refers to is known
    from the pass before; passes go on until they tell no more rows apart (partition refinement).
    """
    ordered = _ordered(document)
    signed: dict[str, str] = {}
    for _ in range(_MOST_PASSES):
        refined: dict[str, str] = {}
        for row in ordered:
            refined[row.key] = _signature(row, refined, signed)
        if len(set(refined.values())) == len(set(signed.values())):
            break
        signed = refined
    return signed


def _ordered(document: ModelDocument) -> list[Row]:
    """The rows, each after those that it is made of in the same period; without recursion, since a chain may be long."""
    ordered: dict[str, Row] = {}
    waiting = list(document.rows)
    while waiting:
        later = []
        for row in waiting:
            if references(row)[0] <= ordered.keys():
                ordered[row.key] = row
            else:
                later.append(row)
        if len(later) == len(waiting):
            raise ValueError(f"the rows {', '.join(row.key for row in later)} form a cycle; compute the model to see where")
        waiting = later
    return list(ordered.values())


def _signature(row: Row, signed: dict[str, str], before: dict[str, str]) -> str:
    if row.formula is None:
        source = (row.source.reference, row.source.start, row.source.end) if row.source else ()
        text = f"{row.unit} {row.values} {source}"
    else:
        same, lagged = references(row)
        named = {key: before.get(key, "before") for key in lagged} | {key: signed[key] for key in same}
        text = _NAME.sub(lambda found: named.get(found.group(), found.group()), "".join(row.formula.split()))
    more = row.model_dump_json(include=_ON_THE_WAY)
    return hashlib.sha256(f"{text} {row.round} {row.risk_adjustment} {more}".encode()).hexdigest()
