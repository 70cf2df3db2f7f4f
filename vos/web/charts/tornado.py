"""How far the result moves when one assumption moves between its low and its high."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vos.web.charts.chart import MIDDLE, NARROW, WIDE, Chart, Impact, Table
from vos.web.charts.markup import Markup, line, picture, rect, text
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.scale import Scale, shorten, text_width

_ROW, _BAR = 46.0, 14.0


@dataclass(frozen=True)
class Swing:
    """The result with one assumption at its low and at its high, everything else at its base."""

    label: str
    low: Decimal
    high: Decimal
    impact: Impact = "revenue"

    @property
    def width(self) -> Decimal:
        """How far apart the two results are."""
        return abs(self.high - self.low)


def tornado(*, swings: Sequence[Swing], base: Decimal, title: str, unit: str = "", numerals: Numerals = DOLLARS) -> Chart:
    """Bars around the base result, the widest first: what to find out more about."""
    ordered = sorted(swings, key=lambda swing: swing.width, reverse=True)
    rows = tuple((swing.label, numerals.full(swing.low), numerals.full(swing.high)) for swing in ordered)
    describe = "; ".join(f"{label}: {low} to {high}" for label, low, high in rows) + "."
    return Chart(
        title=title,
        unit=unit or f"Net present value, {numerals.currency or 'amount'}, one assumption moved at a time",
        svg=_draw(ordered, base, WIDE, title, describe, numerals),
        narrow=_draw(ordered, base, NARROW, title, describe, numerals),
        middle=_draw(ordered, base, MIDDLE, title, describe, numerals),
        table=Table(columns=("", "Low", "High"), rows=rows),
    )


def _draw(swings: Sequence[Swing], base: Decimal, width: float, title: str, describe: str, numerals: Numerals) -> Markup:
    ends = [float(value) for swing in swings for value in (swing.low, swing.high)] or [float(base)]
    room = max(text_width(numerals.short(Decimal(value))) for value in ends) + 10
    low, high = min(*ends, float(base)), max(*ends, float(base))
    x = Scale(low, high, room, width - room) if high > low else Scale(low, low + 1, width / 2, width / 2)
    height = _ROW * len(swings) + 26
    parts: list[Markup] = []
    for index, swing in enumerate(swings):
        top = _ROW * index + 24
        left, right = sorted((float(swing.low), float(swing.high)))
        parts.append(text(shorten(swing.label, width), 0, top - 7))
        parts.append(rect(x(left), top, x(right) - x(left), _BAR, f"fill-{swing.impact}"))
        parts.append(text(numerals.short(Decimal(left)), x(left) - 6, top + 12, css="label-strong halo", anchor="end"))
        parts.append(text(numerals.short(Decimal(right)), x(right) + 6, top + 12, css="label-strong halo"))
    parts.append(line(x(float(base)), 0, x(float(base)), height - 20, "zero"))
    parts.append(text(f"Base {numerals.short(base)}", x(float(base)), height - 4, css="label-faint", anchor="middle"))
    return picture(parts, width=width, height=height, title=title, describe=describe)
