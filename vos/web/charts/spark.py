"""A trend the size of a word: no axis, no words, the last point marked."""

from collections.abc import Sequence
from decimal import Decimal

from vos.web.charts.chart import Impact
from vos.web.charts.markup import Markup, line, path, picture, tag
from vos.web.charts.scale import Scale, bounds

_WIDTH, _HEIGHT, _EDGE = 96.0, 28.0, 4.0


def spark(values: Sequence[Decimal], *, label: str, impact: Impact | None = None, from_zero: bool = False) -> Markup:
    """The line of ``values``. ``label`` says it in words ("from 0 to 8,719,488"); fewer than two values make no trend."""
    if len(values) < 2:
        return Markup("")
    numbers = [float(value) for value in values]
    low, high = bounds(numbers) if from_zero else (min(numbers), max(numbers))
    x = Scale(0, len(numbers) - 1, _EDGE, _WIDTH - _EDGE)
    # A flat row is drawn in the middle and not at the bottom, where it would read as nothing.
    y = Scale(low, high, _HEIGHT - _EDGE, _EDGE) if high > low else Scale(0, 1, _HEIGHT / 2, _HEIGHT / 2)
    points = [(x(index), y(value)) for index, value in enumerate(numbers)]
    css = f"line line-{impact}" if impact else "line"
    parts = [path(points, css), tag("circle", cx=points[-1][0], cy=points[-1][1], r=2.5, class_=f"fill-{impact or 'total'}")]
    if low < 0 < high:
        parts.insert(0, line(0, y(0), _WIDTH, y(0), "grid"))
    return picture(parts, width=_WIDTH, height=_HEIGHT, title=label, describe="", css="vos spark")
