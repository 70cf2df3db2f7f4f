"""How likely is the renewal to be lost? A score out of four figures, each with its reason.

The weights are a policy, not a finding: they stand in one place, and a tenant that knows better gives its own.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO, round_half_away
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.realization.actuals import mean
from valuefabric.domain.realization.result import RenewalRisk, RiskLevel, Sentence
from valuefabric.domain.realization.telemetry import Measured
from valuefabric.domain.realization.wording import in_unit, percent

_RECENT = 3  # months compared with the three before


@dataclass(frozen=True, slots=True)
class RenewalPolicy:
    """Points grow in a straight line from ``*_good`` percent (0) to ``*_bad`` percent (all)."""

    attainment_good: Decimal = Decimal(90)
    attainment_bad: Decimal = Decimal(50)
    attainment_points: Decimal = Decimal(40)
    forecast_good: Decimal = Decimal(95)
    forecast_bad: Decimal = Decimal(60)
    forecast_points: Decimal = Decimal(30)
    falling_points: Decimal = Decimal(15)
    silent_after_days: int = 45
    silent_points: Decimal = Decimal(15)
    medium_from: int = 25
    high_from: int = 55


DEFAULT_POLICY = RenewalPolicy()


def renewal_risk(
    document: ModelDocument,
    measured: Measured,
    *,
    attainment_pct: Decimal | None,
    forecast_pct: Decimal | None,
    as_of: date,
    policy: RenewalPolicy = DEFAULT_POLICY,
) -> RenewalRisk:
    """The score and its reasons; a reason stands there only when it costs points."""
    found = [
        _shortfall(
            attainment_pct, policy.attainment_good, policy.attainment_bad, policy.attainment_points, "to date", "attainment_pct"
        ),
        _shortfall(
            forecast_pct,
            policy.forecast_good,
            policy.forecast_bad,
            policy.forecast_points,
            "over the term, by forecast",
            "forecast_pct",
        ),
        _falling(document, measured, policy),
        _silence(measured, as_of, policy),
    ]
    points = [(points, reason) for points, reason in found if points > 0]
    score = int(round_half_away(sum((points for points, _ in points), ZERO), 0))
    reasons = tuple(Sentence(text=f"{r.text} ({round_half_away(p, 0)} points)", cells=r.cells) for p, r in points)
    return RenewalRisk(level=_level(score, policy), score=score, reasons=reasons)


def _level(score: int, policy: RenewalPolicy) -> RiskLevel:
    if score >= policy.high_from:
        return "high"
    return "medium" if score >= policy.medium_from else "low"


def _shortfall(
    value: Decimal | None, good: Decimal, bad: Decimal, points: Decimal, when: str, cell: str
) -> tuple[Decimal, Sentence]:
    if value is None:
        return ZERO, Sentence(text="", cells=())
    share = max(ZERO, min(Decimal(1), ENGINE.divide(good - value, good - bad)))
    text = f"Realized value is {percent(value)} of the commitment {when}; {percent(good)} would be on track"
    return ENGINE.multiply(points, share), Sentence(text=text, cells=(cell, "policy"))


def _falling(document: ModelDocument, measured: Measured, policy: RenewalPolicy) -> tuple[Decimal, Sentence]:
    """KPIs whose last three months are worse than the three before, as a share of those with six months."""
    compared, worse, texts = 0, [], []
    for key, series in measured.series.items():
        months = sorted(series)
        if len(months) < 2 * _RECENT:
            continue
        compared += 1
        row = document.row(key)
        before, now = mean([series[m] for m in months[-2 * _RECENT : -_RECENT]]), mean([series[m] for m in months[-_RECENT:]])
        if now != before and (now > before) == row.lower_is_better:
            worse.append(key)
            texts.append(f"{row.label} went from {in_unit(before, row.unit)} to {in_unit(now, row.unit)}")
    share = ENGINE.divide(Decimal(len(worse)), Decimal(compared)) if compared else ZERO
    text = f"In the last three months against the three before, {'; '.join(texts)}"
    return ENGINE.multiply(policy.falling_points, share), Sentence(text=text, cells=tuple(worse))


def _silence(measured: Measured, as_of: date, policy: RenewalPolicy) -> tuple[Decimal, Sentence]:
    if measured.last_at is None:
        return policy.silent_points, Sentence(text="Nothing has been measured yet", cells=("telemetry",))
    days = (as_of - measured.last_at).days
    if days <= policy.silent_after_days:
        return ZERO, Sentence(text="", cells=())
    text = f"Nothing was measured for {days} days, since {measured.last_at.isoformat()}"
    return policy.silent_points, Sentence(text=text, cells=("telemetry",))
