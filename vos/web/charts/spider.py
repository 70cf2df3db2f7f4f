"""A result as each assumption alone moves by the same shares of its figure: one line each, the steep ones decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vos.web.charts.chart import MIDDLE, NARROW, WIDE, Chart, Impact, Table
from vos.web.charts.markup import Markup, line, path, picture, text
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.scale import Scale, bounds, spread, text_width, ticks, wrap

_TOP, _BOTTOM, _GAP, _LEGEND = 16.0, 30.0, 16.0, 170.0
_LINES = 2  # of a label beside the lines


@dataclass(frozen=True)
class Leg:
    """One assumption: the result at each share of change, None where there is none."""

    label: str
    values: tuple[Decimal | None, ...]
    impact: Impact | None = None


def spider_chart(*, shares: Sequence[Decimal], legs: Sequence[Leg], title: str, unit: str, numerals: Numerals = DOLLARS) -> Chart:
    """``shares`` are the changes of each assumption, -0.5 is half of it; ``legs`` begin with the steepest."""
    columns = tuple(_change(share) for share in shares)
    rows = tuple((leg.label, *("–" if value is None else numerals.full(value) for value in leg.values)) for leg in legs)
    describe = "; ".join(f"{row[0]}: {row[1]} at {columns[0]}, {row[-1]} at {columns[-1]}" for row in rows) + "."
    drawn = _Spider([float(share) for share in shares], legs, numerals)
    return Chart(
        title=title,
        unit=unit,
        svg=drawn.draw(WIDE, title, describe),
        narrow=drawn.draw(NARROW, title, describe),
        middle=drawn.draw(MIDDLE, title, describe),
        table=Table(columns=("", *columns), rows=rows),
    )


class _Spider:
    """The data of one chart, drawn at any width."""

    def __init__(self, shares: list[float], legs: Sequence[Leg], numerals: Numerals) -> None:
        self.shares, self.legs, self.numerals = shares, legs, numerals

    def draw(self, width: float, title: str, describe: str) -> Markup:
        """Grid, lines, and each line's name at its end; above the picture on a phone."""
        narrow = width < MIDDLE
        low, high = bounds([float(value) for leg in self.legs for value in leg.values if value is not None])
        marks = ticks(low, high)
        axis = max(text_width(self.numerals.short(Decimal(mark)), 12) for mark in marks) + 8
        head = _GAP * len(self.legs) + 8 if narrow else 0.0
        height = 300.0 + head
        right = width - (12 if narrow else _LEGEND)
        x, y = Scale(self.shares[0], self.shares[-1], axis + 8, right), Scale(low, high, height - _BOTTOM, _TOP + head)
        parts = [*self._grid(x, y, marks, axis, height), *self._lines(x, y)]
        parts += self._key(width) if narrow else self._names(y, right + 10, _LEGEND - 10)
        return picture(parts, width=width, height=height, title=title, describe=describe)

    def _grid(self, x: Scale, y: Scale, marks: Sequence[float], axis: float, height: float) -> list[Markup]:
        made = []
        for mark in marks:
            made.append(line(axis, y(mark), x.end, y(mark), "grid"))
            made.append(text(self.numerals.short(Decimal(mark)), axis - 8, y(mark) + 4, css="label-faint", anchor="end"))
        made.append(line(axis, y(0), x.end, y(0), "zero"))
        for share in (self.shares[0], 0.0, self.shares[-1]):
            anchor = "middle" if share < self.shares[-1] else "end"
            made.append(text(_change(Decimal(str(share))), x(share), height - 8, css="label-faint", anchor=anchor))
        return [*made, line(x(0), y.end, x(0), y.start, "leader dash")]

    def _lines(self, x: Scale, y: Scale) -> list[Markup]:
        made = []
        for number, leg in enumerate(self.legs):
            known = zip(self.shares, leg.values, strict=True)
            points = [(x(share), y(float(value))) for share, value in known if value is not None]
            if len(points) > 1:
                made.append(path(points, f"line {self._css(number)}"))
        return made

    def _css(self, number: int) -> str:
        """A line's colour is its lever's; the second and third of one lever are dashed."""
        impact = self.legs[number].impact
        before = sum(leg.impact == impact for leg in self.legs[:number])
        return f"line-{impact or 'plain'}{f' stroke-{min(before, 3)}' if before else ''}"

    def _names(self, y: Scale, left: float, room: float) -> list[Markup]:
        made = []
        words = [wrap(leg.label, room - 22, _LINES) for leg in self.legs]
        wanted = [y(float(next((value for value in reversed(leg.values) if value is not None), Decimal(0)))) for leg in self.legs]
        places = spread(wanted, _GAP * max(map(len, words), default=1) + 2, y.end, y.start)
        for number, (parts, place) in enumerate(zip(words, places, strict=True)):
            first = place + 4 - _GAP * (len(parts) - 1) / 2
            made.append(line(left, place, left + 16, place, f"line {self._css(number)}"))
            made += [text(part, left + 22, first + _GAP * index) for index, part in enumerate(parts)]
        return made

    def _key(self, width: float) -> list[Markup]:
        made = []
        for number, leg in enumerate(self.legs):
            at = 8 + _GAP * number
            made.append(line(0, at, 16, at, f"line {self._css(number)}"))
            made.append(text(wrap(leg.label, width - 24, 1)[0], 22, at + 4))
        return made


def _change(share: Decimal) -> str:
    """``-50 %``, ``+20 %``, ``as it is``."""
    if not share:
        return "as it is"
    sign = "+" if share > 0 else "\u2212"
    return f"{sign}{abs(share * 100).normalize():f}\u00a0%"
