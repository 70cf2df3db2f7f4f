"""What each driver adds to the result, from nothing to the total, one line a driver."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vos.web.charts.chart import MIDDLE, NARROW, WIDE, Chart, Impact, Table
from vos.web.charts.markup import Markup, line, picture, rect, tag, text
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.scale import Scale, bounds, text_width, ticks, wrap

_ROW, _STACKED_ROW, _BAR = 38.0, 56.0, 20.0


@dataclass(frozen=True)
class Contribution:
    """One driver's part. ``impact`` None is spending. One that is not counted is listed and drawn as an outline."""

    label: str
    impact: Impact | None
    value: Decimal
    counted: bool = True


def waterfall(
    *,
    contributions: Sequence[Contribution],
    title: str,
    total_label: str = "Net present value",
    unit: str = "",
    not_counted: str = "not counted",
    numerals: Numerals = DOLLARS,
) -> Chart:
    """Bars that begin where the one before ended, and the total from zero. Only counted contributions move it."""
    total = sum((item.value for item in contributions if item.counted), Decimal(0))
    fall = _Waterfall(tuple(contributions), total, total_label, not_counted, numerals)
    describe = "; ".join(f"{row[0]}: {row[1]}" for row in fall.table().rows) + "."
    return Chart(
        title=title,
        unit=unit or f"{numerals.currency or 'Amount'}, present value",
        svg=fall.draw(WIDE, title, describe),
        narrow=fall.draw(NARROW, title, describe),
        middle=fall.draw(MIDDLE, title, describe),
        table=fall.table(),
    )


class _Waterfall:
    """The data of one chart, drawn at any width."""

    def __init__(
        self, items: tuple[Contribution, ...], total: Decimal, total_label: str, not_counted: str, numerals: Numerals
    ) -> None:
        self.items, self.total, self.total_label = items, total, total_label
        self.not_counted, self.numerals = not_counted, numerals

    def table(self) -> Table:
        """Every part and the total, to the full unit; what is not counted says so."""
        rows = [(item.label, self.numerals.full(item.value) if item.counted else self.not_counted) for item in self.items]
        return Table(columns=("", self.total_label), rows=(*rows, (self.total_label, self.numerals.full(self.total))))

    def draw(self, width: float, title: str, describe: str) -> Markup:
        """The picture. On a phone a label stands above its bar, else to the left of it."""
        narrow = width < 500
        row = _STACKED_ROW if narrow else _ROW
        height = row * (len(self.items) + 1) + 28
        low, high = bounds(self._steps())
        left = 0.0 if narrow else 212.0
        room = max(text_width(self._words(item)) + (0 if item.counted else 36) for item in (*self.items, self._sum())) + 12
        # Values stand behind the bar's end; before the zero line only where something is negative.
        x = Scale(low, high, left + (room if low < 0 else 0), width - room)
        marks = ticks(low, high, 3 if narrow else 4)
        parts = [line(x(mark), 0, x(mark), height - 24, "grid") for mark in marks]
        parts += [
            text(self.numerals.short(Decimal(mark)), x(mark), height - 6, css="label-faint", anchor="middle") for mark in marks
        ]
        parts.append(line(x(0), 0, x(0), height - 24, "zero"))
        parts += self._rows(x, row, left, narrow=narrow)
        return picture(parts, width=width, height=height, title=title, describe=describe)

    def _words(self, item: Contribution) -> str:
        return self.numerals.short(item.value) if item.counted else self.not_counted

    def _sum(self) -> Contribution:
        return Contribution(self.total_label, None, self.total)

    def _steps(self) -> list[float]:
        steps, running = [], Decimal(0)
        for item in self.items:
            running += item.value if item.counted else 0
            steps.append(float(running))
        return steps

    def _rows(self, x: Scale, row: float, left: float, *, narrow: bool) -> list[Markup]:
        made: list[Markup] = []
        running = Decimal(0)
        for index, item in enumerate((*self.items, self._sum())):
            is_total = index == len(self.items)
            start = Decimal(0) if is_total else running
            top = row * index + (row - _BAR - 6 if narrow else (row - _BAR) / 2)
            css = "label-strong halo" if is_total else "halo"
            lines = wrap(item.label, x.end if narrow else left - 14, 1 if narrow else 2)
            first = top - 8 if narrow else top + 15 - 8 * (len(lines) - 1)
            made += [text(words, 6.0 if narrow else 0.0, first + 16 * number, css=css) for number, words in enumerate(lines)]
            made += self._bar(x, item, float(start), top, css="fill-total" if is_total else "")
            if item.counted and not is_total:
                running += item.value
                made.append(line(x(float(running)), top + _BAR, x(float(running)), top + row, "leader"))
        return made

    def _bar(self, x: Scale, item: Contribution, start: float, top: float, *, css: str) -> list[Markup]:
        if not item.counted:
            outline = tag("rect", x=x(start), y=top, width=36.0, height=_BAR, class_="flow-uncounted")
            return [outline, text(self.not_counted, x(start) + 44, top + 15, css="label-faint halo")]
        end = start + float(item.value)
        words = self._words(item)
        # What falls from near the zero line has no room at its left, so its words stand at the right of where it began.
        beside = text(words, x(max(start, end)) + 8, top + 15, css="label-strong halo")
        return [rect(x(start), top, x(end) - x(start), _BAR, css or f"fill-{item.impact or 'neutral'}"), beside]
