"""Benefits and costs by period as bars, and what they add up to as a line."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from vos.web.charts.chart import MIDDLE, NARROW, WIDE, Chart, Series, Table
from vos.web.charts.markup import Markup, line, path, picture, rect, tag, text
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.scale import Scale, bounds, shorten, spread, text_width, ticks, wrap

_TOP, _BOTTOM, _LINE_GAP, _LEGEND = 22.0, 30.0, 16.0, 150.0
_LINES = 2  # of a label beside the bars


def cash_flow(
    *,
    periods: Sequence[str],
    series: Sequence[Series],
    title: str,
    numerals: Numerals = DOLLARS,
    cumulative: Sequence[Decimal] | None = None,
    cumulative_label: str = "Cumulative",
    payback: tuple[float, str] | None = None,
) -> Chart:
    """Bars stacked by series (spending below zero), with the running total as a line over them.

    ``cumulative`` defaults to the running sum of the net flows; give the discounted one where the title speaks of it.
    ``payback`` is where the case has paid back, in columns from the middle of the first (0.5: half way to the second), and how
    that is told.
    """
    net = [sum((item.values[index] for item in series), Decimal(0)) for index in range(len(periods))]
    running = tuple(cumulative) if cumulative is not None else tuple(accumulate(net))
    flow = _CashFlow(tuple(periods), tuple(series), running, cumulative_label, numerals, payback)
    told = "; ".join(f"{period} {numerals.full(value)}" for period, value in zip(periods, running, strict=True))
    describe = f"{cumulative_label}: {told}."
    return Chart(
        title=title,
        unit=f"{numerals.currency or 'Amount'} by period (bars), {cumulative_label.lower()} (line)",
        svg=flow.draw(WIDE, 340.0, title, describe),
        narrow=flow.draw(NARROW, 320.0, title, describe),
        middle=flow.draw(MIDDLE, 320.0, title, describe),
        table=flow.table(),
    )


class _CashFlow:
    """The data of one chart, drawn at any width."""

    def __init__(
        self,
        periods: tuple[str, ...],
        series: tuple[Series, ...],
        running: tuple[Decimal, ...],
        running_label: str,
        numerals: Numerals,
        payback: tuple[float, str] | None,
    ) -> None:
        self.payback = payback
        self.periods, self.series, self.running = periods, series, running
        self.running_label, self.numerals = running_label, numerals

    def table(self) -> Table:
        """Every bar and the line, to the full unit."""
        rows = [(item.label, *map(self.numerals.full, item.values)) for item in self.series]
        total = (self.running_label, *map(self.numerals.full, self.running))
        return Table(columns=("", *self.periods), rows=(*rows, total))

    def draw(self, width: float, height: float, title: str, describe: str) -> Markup:
        """The picture: grid, bars, line, and the words beside the last bar."""
        narrow = width < MIDDLE or not self._fits(_LEGEND - 10, height - _BOTTOM - _TOP)
        low, high = self._extent()
        marks = ticks(low, high)
        axis = max(text_width(self.numerals.short(Decimal(mark)), 12) for mark in marks) + 8
        # On a phone the words stand above the picture, so that the bars keep the width; so do many or long ones anywhere.
        legend = 0.0 if narrow else _LEGEND
        head = _LINE_GAP * (len(self.series) + 1) + 6 if narrow else 0.0
        y = Scale(low, high, height - _BOTTOM, _TOP + head)
        slot = (width - axis - legend) / len(self.periods)
        bars, ends = self._bars(y, axis, slot)
        parts = [*self._grid(y, marks, axis, width - legend), *bars, *self._periods(axis, slot, height)]
        parts += [line(axis, y(0), width - legend, y(0), "zero"), *self._line(y, axis, slot, narrow=narrow)]
        parts += self._payback(y, axis, slot)
        parts += self._key(width) if narrow else self._labels(y, ends, width - legend + 10, legend - 10)
        return picture(parts, width=width, height=height, title=title, describe=describe)

    def _extent(self) -> tuple[float, float]:
        tops, bottoms = [], []
        for index in range(len(self.periods)):
            values = [item.values[index] for item in self.series]
            tops.append(float(sum(value for value in values if value > 0)))
            bottoms.append(float(sum(value for value in values if value < 0)))
        return bounds([*tops, *bottoms, *map(float, self.running)])

    def _grid(self, y: Scale, marks: Sequence[float], axis: float, right: float) -> list[Markup]:
        made = []
        for mark in marks:
            made.append(line(axis, y(mark), right, y(mark), "grid"))
            made.append(text(self.numerals.short(Decimal(mark)), axis - 8, y(mark) + 4, css="label-faint", anchor="end"))
        return made

    def _bars(self, y: Scale, axis: float, slot: float) -> tuple[list[Markup], list[float]]:
        made, ends = [], [0.0] * len(self.series)
        wide = min(slot * 0.56, 72.0)
        for index in range(len(self.periods)):
            above = below = 0.0
            left = axis + slot * index + (slot - wide) / 2
            for number, item in enumerate(self.series):
                value = float(item.values[index])
                base = above if value >= 0 else below
                made.append(rect(left, y(base), wide, y(base + value) - y(base), self._fill(number)))
                ends[number] = y(base + value / 2)
                above, below = (above + value, below) if value >= 0 else (above, below + value)
        return made, ends

    def _fill(self, number: int) -> str:
        """A series' colour: its lever's, paler for the second and third of one lever."""
        impact = self.series[number].impact
        before = sum(item.impact == impact for item in self.series[:number])
        shade = f" shade-{min(before, 2)}" if before else ""
        return f"fill-{impact or 'neutral'}{shade}"

    def _periods(self, axis: float, slot: float, height: float) -> list[Markup]:
        return [
            text(shorten(period, slot - 4), axis + slot * (index + 0.5), height - 8, anchor="middle")
            for index, period in enumerate(self.periods)
        ]

    def _line(self, y: Scale, axis: float, slot: float, *, narrow: bool) -> list[Markup]:
        points = [(axis + slot * (index + 0.5), y(float(value))) for index, value in enumerate(self.running)]
        made = [path(points, "line"), *(tag("circle", cx=x, cy=at, r=4.0, class_="dot") for x, at in points)]
        shown = range(len(points) - 1, len(points)) if narrow else range(len(points))
        for index in shown:
            x, at = points[index]
            words = self.numerals.short(self.running[index])
            made.append(text(words, x, at - 10, css="label-strong halo", anchor="middle"))
        return made

    def _payback(self, y: Scale, axis: float, slot: float) -> list[Markup]:
        """A dashed line where what was spent has come back, told at its foot, where no bar's label stands."""
        if self.payback is None or not -0.5 <= self.payback[0] <= len(self.periods) - 0.5:
            return []
        at = axis + slot * (self.payback[0] + 0.5)
        half = text_width(self.payback[1]) / 2
        place = min(max(at, axis + half), axis + slot * len(self.periods) - half)
        words = text(self.payback[1], place, y.end + 10, css="label-strong halo", anchor="middle")
        return [line(at, y.end + 16, at, y.start, "leader dash"), words]

    def _labels(self, y: Scale, ends: Sequence[float], left: float, room: float) -> list[Markup]:
        wanted = [*ends, y(float(self.running[-1]))]
        made: list[Markup] = []
        names = [*((item.label, f"text-{item.impact}" if item.impact else "") for item in self.series)]
        names.append((self.running_label, "label-strong"))
        lines = [wrap(name, room, _LINES) for name, _css in names]
        places = spread(wanted, _LINE_GAP * max(map(len, lines)) + 2, y.end, y.start)
        for words, (_name, css), place in zip(lines, names, places, strict=True):
            first = place + 4 - _LINE_GAP * (len(words) - 1) / 2
            made += [text(part, left, first + _LINE_GAP * number, css=css) for number, part in enumerate(words)]
        return made

    def _fits(self, room: float, height: float) -> bool:
        """Whether every name stands whole beside the bars, one under the other."""
        lines = [wrap(name, room, _LINES) for name in (*(item.label for item in self.series), self.running_label)]
        whole = not any(part.endswith("…") for words in lines for part in words)
        return whole and (_LINE_GAP * max(map(len, lines)) + 2) * len(lines) <= height

    def _key(self, width: float) -> list[Markup]:
        made = []
        for index, item in enumerate(self.series):
            at = 6 + _LINE_GAP * index
            made += [rect(0, at - 4, 10, 10, self._fill(index)), text(shorten(item.label, width - 30), 16, at + 6)]
        at = 6 + _LINE_GAP * len(self.series)
        return [*made, line(0, at + 1, 10, at + 1, "line"), text(self.running_label, 16, at + 6, css="label-strong")]
