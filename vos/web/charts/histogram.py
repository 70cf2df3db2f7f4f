"""How often a result came out where: bars side by side, with the marks that a reader asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vos.web.charts.chart import MIDDLE, NARROW, WIDE, Chart, Table
from vos.web.charts.markup import Markup, line, picture, rect, text
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.scale import Scale, spread, text_width, ticks

_HEIGHT, _TOP, _BOTTOM = 260.0, 44.0, 28.0


@dataclass(frozen=True)
class Mark:
    """A value worth a line: ``P10``, ``P50``, ``P90``."""

    label: str
    value: Decimal


def histogram(
    *, edges: Sequence[Decimal], counts: Sequence[int], marks: Sequence[Mark], title: str, unit: str, numerals: Numerals = DOLLARS
) -> Chart:
    """``counts[n]`` results lie between ``edges[n]`` and ``edges[n + 1]``. Bars below zero are drawn as risk."""
    total = sum(counts)
    rows = [(mark.label, numerals.full(mark.value)) for mark in marks]
    rows += [
        (f"{numerals.short(low)} to {numerals.short(high)}", f"{count / total:.1%}" if total else "0 %")
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    describe = "; ".join(f"{mark.label} {numerals.full(mark.value)}" for mark in marks) + "."
    picture_of = _Histogram(edges, counts, marks, numerals)
    return Chart(
        title=title,
        unit=unit,
        svg=picture_of.draw(WIDE, title, describe),
        narrow=picture_of.draw(NARROW, title, describe),
        middle=picture_of.draw(MIDDLE, title, describe),
        table=Table(columns=("", "Value or share"), rows=tuple(rows)),
    )


class _Histogram:
    """The data of one chart, drawn at any width."""

    def __init__(self, edges: Sequence[Decimal], counts: Sequence[int], marks: Sequence[Mark], numerals: Numerals) -> None:
        self.edges, self.counts, self.marks, self.numerals = [float(edge) for edge in edges], counts, marks, numerals

    def draw(self, width: float, title: str, describe: str) -> Markup:
        """Bars, the axis under them, and the marks over them."""
        x = Scale(self.edges[0], self.edges[-1], 8, width - 8)
        y = Scale(0, max([*self.counts, 1]), _HEIGHT - _BOTTOM, _TOP)
        parts = [
            rect(x(low) + 0.5, y(0), max(x(high) - x(low) - 1, 0.5), y(count) - y(0), _fill(high))
            for low, high, count in zip(self.edges, self.edges[1:], self.counts, strict=False)
        ]
        parts += [line(8, y(0), width - 8, y(0), "zero"), *self._axis(x, y, width), *self._marks(x, y)]
        return picture(parts, width=width, height=_HEIGHT, title=title, describe=describe)

    def _axis(self, x: Scale, y: Scale, width: float) -> list[Markup]:
        made = []
        for tick in ticks(self.edges[0], self.edges[-1], 3 if width < 500 else 6):
            words = self.numerals.short(Decimal(tick))
            half = text_width(words, 12) / 2
            if half <= x(tick) <= width - half:
                made.append(text(words, x(tick), y(0) + 18, css="label-faint", anchor="middle"))
        return made

    def _marks(self, x: Scale, y: Scale) -> list[Markup]:
        words = [f"{mark.label} {self.numerals.short(mark.value)}" for mark in self.marks]
        room = max((text_width(word) for word in words), default=0.0) + 12
        places = spread([x(float(mark.value)) for mark in self.marks], room, x.start + room / 2, x.end - room / 2)
        made = []
        for mark, word, place in zip(self.marks, words, places, strict=True):
            at = x(float(mark.value))
            made += [line(at, y.end - 12, at, y(0), "leader dash"), line(place, 22, at, y.end - 12, "leader")]
            made.append(text(word, place, 16, css="label-strong", anchor="middle"))
        return made


def _fill(end: float) -> str:
    """What costs more than it brings is drawn as risk."""
    return "fill-risk" if end <= 0 else "fill-revenue"
