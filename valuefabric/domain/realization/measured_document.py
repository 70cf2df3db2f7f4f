"""The committed model with what comes between a measured row's figures and its value written into the figures.

Telemetry says what a KPI was: how far it has come, what it has grown to, in the model's currency. A commitment says figures and,
beside them, phases, growth, an exchange rate, a probability. Putting what was measured in the place of the figures would apply
those once more: adoption measured at a tenth would count as a tenth of a tenth. So the committed figures of a measured row are
taken with all of that in them, which is what is compared with telemetry, and the row has none of it any more.

The rest stays. Attribution: what is measured is the whole effect, of which a share is ours. Timing and contract: they say which
months count. Rounding and risk adjustment. A driver's phase stays on benefits that are computed: there it says how the effect
follows what is measured; a KPI that comes slowly itself has the phase on its own row.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, power
from valuefabric.domain.model import Computation, ModelDocument, Row
from valuefabric.domain.model.compute import lowered_values
from valuefabric.domain.model.helpers import contract_window, phases_of
from valuefabric.domain.model.phase import Phase, phase_factors
from valuefabric.domain.model.scenarios import scenario_of

_FIGURES = ("values", "low", "high")
_WHOLE = Phase(shape="step")  # there from the first month; it takes the place of a driver's phase
_Lowered = Mapping[str, tuple[Decimal, ...]]


def measured_document(
    document: ModelDocument, committed: Computation, measured: Collection[str]
) -> tuple[ModelDocument, Computation]:
    """The document of the committed scenario with the ``measured`` rows written out, and ``committed`` as a computation of it.

    Both are returned as they are where no measured row has anything to be written out.
    """
    if not any(_has_more(document, document.row(key)) for key in measured):
        return document, committed
    varied, end = scenario_of(document, committed.scenario)
    lowered = lowered_values(document, committed.scenario)
    rows = tuple(
        _written_out(varied, row, lowered) if row.key in measured and _has_more(varied, row) else row for row in varied.rows
    )
    written = varied.model_copy(update={"rows": rows, "scenarios": (), "alternatives": (), "expected": None})
    return written, replace(committed, scenario=end)


def _has_more(document: ModelDocument, row: Row) -> bool:
    beside = (row.convert, row.escalation, row.probability)
    return any(one is not None for one in beside) or any(phase is not None for phase in phases_of(document, row))


def _written_out(document: ModelDocument, row: Row, lowered: _Lowered) -> Row:
    phased = any(phase is not None for phase in phases_of(document, row))
    factors = [_factor(document, row, lowered, index) for index in range(len(document.periods))]
    update: dict[str, Any] = {
        name: tuple(ENGINE.multiply(figure, factor) for figure, factor in zip(own, factors, strict=True))
        for name in _FIGURES
        if (own := getattr(row, name)) is not None
    }
    nothing = dict.fromkeys(("convert", "escalation", "phase_out", "probability", "distribution"))
    return row.model_copy(update={**update, **nothing, "phase_in": _WHOLE if phased else None})


def _factor(document: ModelDocument, row: Row, lowered: _Lowered, index: int) -> Decimal:
    factor = _phase(document, row, index)
    if row.convert is not None:
        factor = ENGINE.multiply(factor, lowered[f"rate {row.convert}"][index])
    if row.probability is not None:
        share = lowered[row.probability][index] if isinstance(row.probability, str) else row.probability
        factor = ENGINE.multiply(factor, share)
    if row.escalation is not None:
        rate = row.escalation.rate
        grown = ENGINE.add(ONE, lowered[rate][index] if isinstance(rate, str) else rate)
        since = row.escalation.since or document.periods[0]
        factor = ENGINE.multiply(factor, power(grown, lowered[f"years since {since} {row.escalation.steps}"][index]))
    return factor


def _phase(document: ModelDocument, row: Row, index: int) -> Decimal:
    """How far the effect has come in a period: the mean over those of its months that the contract counts."""
    coming, going = phases_of(document, row)
    if coming is None and going is None:
        return ONE
    columns = {
        "periods": len(document.periods),
        "months": document.conventions.months_per_period,
        "initial": document.has_initial_period,
    }
    window = None if row.timing is not None else contract_window(document, row)
    share = phase_factors(coming, going, **columns, window=window)[index]
    counted = phase_factors(_WHOLE, None, **columns, window=window)[index]
    return ENGINE.divide(share, counted) if counted else share
