"""What a form about a row describes, worked out by the engine: what of the figure counts when, and how it may fall out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE
from valuefabric.domain.model import Computation, ModelDocument
from valuefabric.domain.model.helpers import Part, parts_of
from valuefabric.domain.model.phase import phase_factors
from valuefabric.domain.risk.distribution import Discrete

_DRAWS = 20_000  # even levels of the distribution, which stand for as many trials
_BARS = 48
_ENDLESS = ("normal", "lognormal")
_SHOWN = (0.002, 0.998)  # of those; what is rarer is left out of the picture
_PERCENTILES = (10, 50, 90)


@dataclass(frozen=True)
class ChanceLook:
    """How a row's figure of one period falls out. For ``outcomes`` (figure, probability) there is no curve, else ``heights`` of
    the trials lie between ``edges``. ``percentiles`` maps 10, 50 and 90 to figures."""

    period: str
    kind: str
    edges: tuple[float, ...]
    heights: tuple[float, ...]
    percentiles: dict[int, Decimal]
    mean: Decimal
    outcomes: tuple[tuple[Decimal, Decimal], ...] = ()


def effect_look(document: ModelDocument, computed: Computation, row: str) -> tuple[Decimal, ...]:
    """What each period has of the row's own figure: timing, phases, shares, contract and growth together, without conversion and
    risk adjustment. All 1 for a row of which nothing is said."""
    parts = parts_of(document).get(row)
    found = [ONE] * len(document.periods)
    if parts is None:
        return tuple(found)
    for part in parts.factors:
        if not part.name.startswith("rate "):
            found = [ENGINE.multiply(one, factor) for one, factor in zip(found, _figures(part, computed), strict=True)]
    if parts.rate is not None and parts.years is not None:
        growth = zip(_figures(parts.rate, computed), _figures(parts.years, computed), strict=True)
        found = [
            ENGINE.multiply(one, ENGINE.power(ENGINE.add(ONE, rate), years))
            for one, (rate, years) in zip(found, growth, strict=True)
        ]
    return tuple(found)


def driver_look_of(document: ModelDocument, driver: str) -> tuple[Decimal, ...]:
    """What each period has of the driver's benefits, by its phases alone."""
    spec = document.driver(driver)
    return phase_factors(
        spec.phase_in,
        spec.phase_out,
        periods=len(document.periods),
        months=document.conventions.months_per_period,
        initial=document.has_initial_period,
    )


def _figures(part: Part, computed: Computation) -> tuple[Decimal, ...]:
    return part.make().figures if part.make is not None else computed.rows[part.name].values


def chance_look(document: ModelDocument, row: str) -> ChanceLook | None:
    """How the row's most uncertain figure falls out; None for one that is certain. Raises RiskError."""
    import numpy as np  # heavy; only who asks how a figure falls out pays for it

    from valuefabric.domain.risk.spread import spread_of  # brings numpy and scipy

    spec = document.row(row)
    if spec.distribution is None and not _has_range(spec):
        return None
    spread = spread_of(spec, spec.distribution, len(document.periods))
    levels = (np.arange(_DRAWS) + 0.5) / _DRAWS
    figures = [_drawn(spread, period, levels.copy()) for period in range(len(document.periods))]
    at = int(np.argmax([one[-1] - one[0] for one in figures]))
    drawn = figures[at]
    if not drawn[-1] > drawn[0]:
        return None
    kind = spec.distribution.kind if spec.distribution else "triangular"
    ends = (drawn[int(_SHOWN[0] * _DRAWS)], drawn[int(_SHOWN[1] * _DRAWS)]) if kind in _ENDLESS else (drawn[0], drawn[-1])
    heights, edges = np.histogram(drawn, bins=_BARS, range=(float(ends[0]), float(ends[1])))
    return ChanceLook(
        period=document.periods[at],
        kind=kind,
        edges=tuple(map(float, edges)),
        heights=tuple(float(height) / _DRAWS for height in heights),
        percentiles={share: _decimal(np.quantile(drawn, share / 100)) for share in _PERCENTILES},
        mean=_decimal(drawn.mean()),
        outcomes=_outcomes(spec.distribution, at),
    )


def _drawn(spread: Any, period: int, levels: Any) -> Any:
    """One period's figures at even levels, in rising order."""
    import numpy as np  # as above

    out = np.empty_like(levels)
    spread.shapes[period].fill(levels, out)
    return np.sort(out * spread.scale[period] + spread.offset[period])


def _outcomes(distribution: object, at: int) -> tuple[tuple[Decimal, Decimal], ...]:
    if not isinstance(distribution, Discrete):
        return ()
    return tuple((one.value[at if len(one.value) > 1 else 0], one.probability) for one in distribution.outcomes)


def _has_range(row: Any) -> bool:
    return any(figures is not None and figures != row.values for figures in (row.low, row.high))


def _decimal(value: Any) -> Decimal:
    """A binary figure as a decimal, to six significant digits: more of it is chance."""
    return Decimal(f"{float(value):.6g}")
