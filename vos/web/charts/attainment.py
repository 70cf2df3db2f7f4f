"""Committed against actual: two lines with the gap shaded, and a bullet for each driver."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vos.web.charts.chart import NARROW, WIDE, Chart, Impact, Table
from vos.web.charts.markup import Markup, line, path, picture, tag, text
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.scale import Scale, bounds, spread, text_width, ticks


def committed_and_actual(
    *,
    periods: Sequence[str],
    committed: Sequence[Decimal],
    actual: Sequence[Decimal],
    title: str,
    forecast: Sequence[Decimal] = (),
    words: tuple[str, str, str] = ("Committed", "Actual", "Forecast"),
    unit: str = "",
    numerals: Numerals = DOLLARS,
) -> Chart:
    """Two lines over time. ``actual`` may be shorter than ``committed``; ``forecast`` goes on from its last point.

    ``words`` names the lines. The gap is shaded over the periods that both lines have.
    """
    lines = _Lines(tuple(periods), tuple(committed), tuple(actual), tuple(forecast), words, numerals)
    last = len(actual) - 1
    describe = ""
    if actual:
        told = f"{words[0]} {numerals.full(committed[last])}, {words[1].lower()} {numerals.full(actual[last])}"
        describe = f"{periods[last]}: {told}."
    return Chart(
        title=title,
        unit=unit or f"{numerals.currency or 'Amount'}, running total",
        svg=lines.draw(WIDE, 320.0, title, describe),
        narrow=lines.draw(NARROW, 280.0, title, describe),
        table=lines.table(),
    )


@dataclass(frozen=True)
class _Lines:
    """The data of one chart, drawn at any width."""

    periods: tuple[str, ...]
    committed: tuple[Decimal, ...]
    actual: tuple[Decimal, ...]
    forecast: tuple[Decimal, ...]
    words: tuple[str, str, str]
    numerals: Numerals

    def table(self) -> Table:
        """Both lines, period by period, to the full unit."""
        rows = []
        for index, period in enumerate(self.periods):
            actual = self.numerals.full(self.actual[index]) if index < len(self.actual) else "–"
            rows.append((period, self.numerals.full(self.committed[index]), actual))
        return Table(columns=("", *self.words[:2]), rows=tuple(rows))

    def draw(self, width: float, height: float, title: str, describe: str) -> Markup:
        """The picture: grid, shaded gap, lines, and the words at their ends."""
        low, high = bounds(map(float, (*self.committed, *self.actual, *self.forecast)))
        marks = ticks(low, high)
        axis = max(text_width(self.numerals.short(Decimal(mark)), 12) for mark in marks) + 8
        right = 92.0 if width < 500 else 104.0
        x = Scale(0, max(len(self.periods) - 1, 1), axis, width - right)
        y = Scale(low, high, height - 30, 14.0)
        parts: list[Markup] = []
        for mark in marks:
            parts.append(line(axis, y(mark), width - right, y(mark), "zero" if mark == 0 else "grid"))
            parts.append(text(self.numerals.short(Decimal(mark)), axis - 8, y(mark) + 4, css="label-faint", anchor="end"))
        parts += [*self._gap(x, y), *self._lines(x, y), *self._months(x, height), *self._ends(y, width - right + 10)]
        return picture(parts, width=width, height=height, title=title, describe=describe)

    def _gap(self, x: Scale, y: Scale) -> list[Markup]:
        """One area for each stretch on one side of the commitment, so that being over and being under differ."""
        made, begin = [], 0
        for end in range(1, len(self.actual)):
            last = end == len(self.actual) - 1
            if not last and self._is_over(end) == self._is_over(end + 1):
                continue
            stretch = range(begin, end + 1)
            edge = [(x(i), y(float(self.committed[i]))) for i in stretch]
            edge += [(x(i), y(float(self.actual[i]))) for i in reversed(stretch)]
            made.append(path(edge, "fill-gap-over" if self._is_over(end) else "fill-gap", closed=True))
            begin = end
        return made

    def _is_over(self, index: int) -> bool:
        return self.actual[index] >= self.committed[index]

    def _lines(self, x: Scale, y: Scale) -> list[Markup]:
        made = [path([(x(i), y(float(v))) for i, v in enumerate(self.committed)], "line line-committed")]
        if self.forecast and self.actual:
            ahead = (self.actual[-1], *self.forecast)
            begin = len(self.actual) - 1
            made.append(path([(x(begin + i), y(float(v))) for i, v in enumerate(ahead)], "line dash"))
        if self.actual:
            made.append(path([(x(i), y(float(v))) for i, v in enumerate(self.actual)], "line"))
            end = len(self.actual) - 1
            made.append(tag("circle", cx=x(end), cy=y(float(self.actual[-1])), r=4.0, class_="dot"))
        return made

    def _months(self, x: Scale, height: float) -> list[Markup]:
        widest = max((text_width(period) for period in self.periods), default=1.0) + 18
        every = max(1, round(widest * len(self.periods) / max(x.end - x.start, 1) + 0.5))
        return [
            text(period, x(index), height - 8, css="label-faint", anchor="middle" if index else "start")
            for index, period in enumerate(self.periods)
            if (len(self.periods) - 1 - index) % every == 0
        ]

    def _ends(self, y: Scale, left: float) -> list[Markup]:
        """Each line's name and last value, at its end and never on another's."""
        entries = [(self.words[0], self.committed[-1], "", "")]
        if self.actual:
            entries.append((self.words[1], self.actual[-1], "label-strong", "label-strong"))
        if self.forecast:
            entries.append((self.words[2], self.forecast[-1], "", ""))
        places = spread([y(float(value)) - 6 for _, value, _, _ in entries], 36.0, y.end, y.start - 16)
        made = []
        for (name, value, css, strong), place in zip(entries, places, strict=True):
            made += [text(name, left, place + 4, css=css), text(self.numerals.short(value), left, place + 20, css=strong)]
        return made


def bullet(*, actual: Decimal, committed: Decimal, impact: Impact, label: str, low: Decimal = Decimal(0)) -> Markup:
    """One driver's bar against its commitment (the upright stroke), without words: they stand in the table's cells.

    ``low`` is the case's own low scenario: up to it the ground is darker.
    """
    _, high = bounds([float(actual), float(committed) * 1.15])
    x = Scale(0, high, 0, 240.0)
    share = f"{label}: {actual / committed:.0%}" if committed else label
    bars = [
        tag("rect", x=0.0, y=4.0, width=240.0, height=16.0, class_="fill-sunken"),
        tag("rect", x=0.0, y=4.0, width=max(x(float(low)), 0.0), height=16.0, class_="fill-soft"),
        tag("rect", x=0.0, y=8.0, width=max(x(float(actual)), 0.0), height=8.0, class_=f"fill-{impact}"),
        tag("rect", x=x(float(committed)) - 1.5, y=1.0, width=3.0, height=22.0, class_="fill-total"),
    ]
    return picture(bars, width=240, height=24, title=share, describe="", css="vos bullet")
