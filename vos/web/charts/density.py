"""How a figure may fall out: a small curve of likelihood beside a form, or a bar for each of several outcomes."""

from collections.abc import Sequence
from itertools import pairwise

from vos.web.charts.histogram import Mark
from vos.web.charts.markup import Markup, line, path, picture, rect, text
from vos.web.charts.scale import Scale, spread, text_width

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 420.0, 128.0, 24.0, 22.0
_EDGE = 8.0


def density(*, edges: Sequence[float], heights: Sequence[float], marks: Sequence[tuple[Mark, str]], title: str) -> Markup:
    """``heights[n]`` of the trials lie between two edges. ``marks`` are percentiles, each with its figure in words."""
    x = Scale(edges[0], edges[-1], _EDGE, _WIDTH - _EDGE)
    y = Scale(0, max(heights, default=1.0) or 1, _HEIGHT - _BOTTOM, _TOP)
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    line_points = [(x(at), y(height)) for at, height in zip(middles, heights, strict=True)]
    area = [(line_points[0][0], y(0)), *line_points, (line_points[-1][0], y(0))]
    parts = [path(area, "fill-revenue shade-2", closed=True), path(line_points, "line line-revenue")]
    parts += [line(0, y(0), _WIDTH, y(0), "zero"), *_marks(marks, x)]
    describe = "; ".join(f"{mark.label} {words}" for mark, words in marks) + "."
    return picture(parts, width=_WIDTH, height=_HEIGHT, title=title, describe=describe, css="vos small-picture")


def outcomes(*, chances: Sequence[tuple[float, float]], words: Sequence[tuple[str, str]], title: str) -> Markup:
    """``chances`` are pairs of a figure and its probability; ``words`` say the same."""
    figures = [figure for figure, _chance in chances]
    low, high = min(figures), max(figures)
    x = Scale(low, high, 40, _WIDTH - 40) if high > low else Scale(low - 1, high + 1, 40, _WIDTH - 40)
    y = Scale(0, max((chance for _figure, chance in chances), default=1.0), _HEIGHT - _BOTTOM, _TOP)
    parts = [rect(x(figure) - 7, y(0), 14, y(chance) - y(0), "fill-revenue") for figure, chance in chances]
    parts.append(line(0, y(0), _WIDTH, y(0), "zero"))
    if len(chances) <= 5:
        parts += _row([told for _figure, told in words], [x(one) for one in figures], [y(one) - 5 for _f, one in chances])
        parts += _row([told for told, _chance in words], [x(one) for one in figures], [_HEIGHT - 6] * len(chances))
    describe = "; ".join(f"{figure}: {chance}" for figure, chance in words) + "."
    return picture(parts, width=_WIDTH, height=_HEIGHT, title=title, describe=describe, css="vos small-picture")


def _marks(marks: Sequence[tuple[Mark, str]], x: Scale) -> list[Markup]:
    """Each percentile with a line down to the axis, words over it, kept apart from each other."""
    told = [f"{mark.label} {words}" for mark, words in marks]
    room = max((text_width(word) for word in told), default=0.0) + 10
    places = spread([x(float(mark.value)) for mark, _words in marks], room, room / 2, _WIDTH - room / 2)
    made = []
    for (mark, _words), word, place in zip(marks, told, places, strict=True):
        at = x(float(mark.value))
        made += [line(at, _TOP, at, _HEIGHT - _BOTTOM, "leader dash"), line(place, 16, at, _TOP, "leader")]
        made.append(text(word, place, 12, css="label-strong", anchor="middle"))
    return made


def _row(words: list[str], places: list[float], heights: list[float]) -> list[Markup]:
    room = max((text_width(word) for word in words), default=0.0) + 6
    apart = spread(places, room, room / 2, _WIDTH - room / 2)
    return [
        text(word, place, height, css="label-faint", anchor="middle")
        for word, place, height in zip(words, apart, heights, strict=True)
    ]
