"""By how much each benefit really is adjusted for risk: what the row says, and what a row that it names takes off in formulas.

A published sheet often writes its haircut into a formula, as ``At * (1 - haircut)``. A benefit ``risk_adjusted_by: haircut`` is
believed only as far as it holds: the model is computed again without the haircut, and what the row falls by is what counts.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.kept import kept


@kept
def risk_adjustments(document: ModelDocument) -> Mapping[str, Decimal]:
    """For each benefit, the share that is taken off it for risk; the smallest of its periods where they differ."""
    benefits = [row for row in document.rows if row.role == "benefit"]
    named = {row.risk_adjusted_by for row in benefits} - {None}
    with_it = compute(document).rows if named else {}
    without = {key: _without(document, key) for key in named if key is not None}
    found = {}
    for row in benefits:
        own = row.risk_adjustment or ZERO
        fall = ZERO
        if row.risk_adjusted_by is not None:
            fall = _fall(without[row.risk_adjusted_by].get(row.key, ()), with_it[row.key].values)
        found[row.key] = ENGINE.subtract(ONE, ENGINE.multiply(ENGINE.subtract(ONE, own), ENGINE.subtract(ONE, fall)))
    return found


def _without(document: ModelDocument, key: str) -> Mapping[str, Sequence[Decimal]]:
    """Every row as it would be if the row ``key`` were nothing; no row where that cannot be computed: then it adjusts none."""
    try:
        computed = compute(document, overrides={key: (ZERO,) * len(document.periods)})
    except FormulaError:
        return {}
    return {row.key: row.values for row in computed.rows.values()}


def _fall(without: Sequence[Decimal], with_it: Sequence[Decimal]) -> Decimal:
    """The smallest share by which figures fall, over the periods in which there is anything to fall; never below zero."""
    shares = [
        ENGINE.subtract(ONE, ENGINE.divide(after, before)) for before, after in zip(without, with_it, strict=False) if before > 0
    ]
    return max(ZERO, min(shares, default=ZERO))
