"""A risk analysis as text: JSON for programs, a table for people.

Figures of trials are binary; they are printed with the digits that a reader can use, and in JSON with all they have. A measure
that does not exist is null: JSON has no nan.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.dump import content_hash
from valuefabric.domain.model.sensitivity import Sensitivity
from valuefabric.domain.risk.break_even import BreakEven
from valuefabric.domain.risk.goal_seek import Found
from valuefabric.domain.risk.monte_carlo import Drawn
from valuefabric.domain.risk.sobol import SobolIndices
from valuefabric.domain.risk.summary import Outlook, PaybackOutlook, RiskSummary

_BAR = 30  # characters of the longest bar of the histogram
_LINES = 12  # bars of the histogram in the table


@dataclass(frozen=True, slots=True)
class RiskReport:
    """What ``manage.py model risk`` finds; the last two only when they were asked for."""

    document: ModelDocument
    drawn: tuple[Drawn, ...]
    summary: RiskSummary
    tornado: tuple[Sensitivity, ...]
    break_even: tuple[BreakEven, ...]
    sobol: SobolIndices | None = None
    goal: Found | None = None


def as_json(report: RiskReport) -> str:
    """All figures."""
    found = {
        "id": report.document.id,
        "content_hash": content_hash(report.document),
        "currency": report.document.currency,
        "drawn": [
            {"rows": [row.key for row in one.assumption.rows], "label": one.assumption.rows[0].label, "distribution": one.kind}
            for one in report.drawn
        ],
        **{name: _plain(getattr(report, name)) for name in ("summary", "tornado", "break_even", "sobol", "goal")},
    }
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Dataclasses as mappings; decimals as text, which keeps their digits; what is no number as null."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_table(report: RiskReport) -> str:
    """The same for people."""
    currency = report.document.currency
    parts = [
        _head(report),
        _outlooks(report.summary, currency),
        _payback(report.summary.payback),
        _histogram(report.summary),
        _tornado(report.tornado),
        _break_even(report.break_even),
        _sobol(report.sobol),
        _goal(report.goal),
    ]
    return "\n\n".join(part for part in parts if part)


def _head(report: RiskReport) -> str:
    summary = report.summary
    lines = [f"{report.document.title}", f"{summary.trials:,} trials, seed {summary.seed}, {len(report.drawn)} assumptions drawn"]
    if summary.failed:
        lines.append(f"{summary.failed:,} trials have no result (a division by zero, say) and are in no figure below")
    return "\n".join(lines)


def _outlooks(summary: RiskSummary, currency: str) -> str:
    lines = [["", "P10", "P50", "P90", "mean", "deviation"], [f"NPV, {currency}", *_figures(summary.npv, ",.0f")]]
    if summary.roi_pct is not None:
        lines.append(["ROI, %", *_figures(summary.roi_pct, ",.1f")])
    gain = f"The net present value is above zero in {summary.npv_above_zero:.1%} of the trials,"
    better = f"above the model's own {summary.base_npv:,.0f} in {summary.npv_above_base:.1%}."
    return f"{_columns(lines)}\n{gain}\n{better}"


def _figures(outlook: Outlook, form: str) -> list[str]:
    return [format(getattr(outlook, name), form) for name in ("p10", "p50", "p90", "mean", "deviation")]


def _payback(payback: PaybackOutlook | None) -> str:
    if payback is None:
        return ""
    months = ["not in the term" if figure is None else f"{figure:.1f}" for figure in (payback.p10, payback.p50, payback.p90)]
    lines = [f"Payback in months: P10 {months[0]}, P50 {months[1]}, P90 {months[2]}"]
    step = max(1, math.ceil((len(payback.by_month) - 1) / _LINES))
    for month in range(step, len(payback.by_month), step):
        word = "month " if month == 1 else "months"
        lines.append(f"  within {month:>3} {word} {payback.by_month[month]:>7.1%}")
    return "\n".join(lines)


def _histogram(summary: RiskSummary) -> str:
    edges, counts = summary.npv_histogram.edges, summary.npv_histogram.counts
    together = math.ceil(len(counts) / _LINES)
    lines = []
    for start in range(0, len(counts), together):
        count = sum(counts[start : start + together])
        lines.append([f"{edges[start]:,.0f}", f"{edges[min(start + together, len(counts))]:,.0f}", str(count)])
    most = max(int(line[2]) for line in lines)
    bars = ["#" * math.ceil(int(line[2]) / most * _BAR) for line in lines]
    table = _columns([["NPV from", "to", "trials"], *lines]).splitlines()
    return "\n".join([table[0], *(f"{line}  {bar}" for line, bar in zip(table[1:], bars, strict=True))])


def _tornado(tornado: Sequence[Sensitivity]) -> str:
    if not tornado:
        return ""
    ordered = sorted(tornado, key=lambda one: abs(one.high - one.low), reverse=True)
    lines = [[", ".join(one.rows), one.label, f"{one.low:,.0f}", f"{one.high:,.0f}"] for one in ordered]
    return _columns([["tornado", "assumption", "NPV unfavourable", "favourable"], *lines], left=2)


def _break_even(found: Sequence[BreakEven]) -> str:
    if not found:
        return ""
    shares = ["none of it" if one.share <= 0 else f"{one.share:.1%}" for one in found]
    lines = [[one.driver, one.label, f"{one.pv_benefits:,.0f}", share] for one, share in zip(found, shares, strict=True)]
    return _columns([["driver", "", "PV of benefits", "needed for NPV 0"], *lines], left=2)


def _sobol(found: SobolIndices | None) -> str:
    if found is None:
        return ""
    lines = [
        [
            ", ".join(one.rows),
            one.label,
            f"{one.first:.3f} ±{one.first_confidence:.3f}",
            f"{one.total:.3f} ±{one.total_confidence:.3f}",
        ]
        for one in found.indices
    ]
    note = (
        "\nThe document's correlations are left out: the indices presuppose independence." if found.without_correlations else ""
    )
    return _columns([["Sobol", "assumption", "first", "total"], *lines], left=2) + note


def goal_alone(found: Found, *, as_json: bool = False) -> str:
    """The answer to a goal of a model without anything uncertain, as text or as JSON."""
    if as_json:
        return json.dumps({"goal": _plain(found)}, ensure_ascii=False, indent=2)
    return _goal(found).strip()


def _goal(found: Found | None) -> str:
    if found is None:
        return ""
    aim = f"{found.goal.measure} {found.goal.target:f}"
    outside = "" if found.inside_range or not found.attained else "; that is outside of the row's range"
    return f"{found.rows[0]} ({found.label}), now {found.base:f}, for {aim}: {found.message}{outside}"


def _columns(lines: Sequence[Sequence[str]], left: int = 1) -> str:
    """Lines in columns: the first ``left`` begin at the same place, the others end there."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    told = []
    for line in lines:
        cells = (
            f"{cell:<{width}}" if at < left else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        told.append("  ".join(cells).rstrip())
    return "\n".join(told)
