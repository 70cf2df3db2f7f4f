"""A share that grows over time, as a stepped line: by which month the case has paid back, and how surely."""

from collections.abc import Sequence
from decimal import Decimal

from vos.web.charts.chart import MIDDLE, NARROW, WIDE, Chart, Table
from vos.web.charts.markup import Markup, line, path, picture, text
from vos.web.charts.scale import Scale

_HEIGHT, _TOP, _BOTTOM, _LEFT = 240.0, 16.0, 40.0, 44.0
_EVERY = (1, 3, 6, 12, 24, 60)


def share_by_month(*, shares: Sequence[Decimal], title: str, unit: str, axis: str) -> Chart:
    """``shares[n]`` is the share (0 to 1) that has happened by the end of month n + 1."""
    step = next(size for size in _EVERY if len(shares) / size <= 12 or size == _EVERY[-1])
    rows = tuple((str(month), _percent(shares[month - 1])) for month in range(step, len(shares) + 1, step))
    describe = "; ".join(f"month {month}: {share}" for month, share in rows) + "."
    return Chart(
        title=title,
        unit=unit,
        svg=_draw(shares, step, WIDE, title, describe, axis),
        narrow=_draw(shares, step, NARROW, title, describe, axis),
        middle=_draw(shares, step, MIDDLE, title, describe, axis),
        table=Table(columns=(axis, "Share"), rows=rows),
    )


def _draw(shares: Sequence[Decimal], step: int, width: float, title: str, describe: str, axis: str) -> Markup:
    x = Scale(0, len(shares), _LEFT, width - 12)
    y = Scale(0, 1, _HEIGHT - _BOTTOM, _TOP)
    parts: list[Markup] = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(line(_LEFT, y(mark), width - 12, y(mark), "grid" if mark else "zero"))
        parts.append(text(_percent(Decimal(mark)), _LEFT - 8, y(mark) + 4, css="label-faint", anchor="end"))
    shown = step * 2 if width < 500 else step
    parts += [
        text(str(month), x(month), y(0) + 18, css="label-faint", anchor="middle")
        for month in range(shown, len(shares) + 1, shown)
    ]
    points = [(x(0), y(0))]
    for index, share in enumerate(shares):
        points += [(x(index + 1), points[-1][1]), (x(index + 1), y(float(share)))]
    parts.append(path(points, "line line-revenue"))
    parts.append(text(axis, width - 12, _HEIGHT - 6, css="label-faint", anchor="end"))
    return picture(parts, width=width, height=_HEIGHT, title=title, describe=describe)


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f}\u00a0%"
