"""How much of something counts in each period: small bars beside a form, for a phase that somebody is describing."""

from collections.abc import Sequence
from decimal import Decimal

from vos.web.charts.markup import Markup, line, picture, rect, text
from vos.web.charts.scale import Scale, text_width

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 420.0, 128.0, 22.0, 22.0
_GAP = 3.0


def ramp(*, periods: Sequence[str], shares: Sequence[Decimal], title: str) -> Markup:
    """``shares[n]`` of the figure counts in ``periods[n]``, more than 1 where it grows. Words stand where there is room."""
    told = [share_words(share) for share in shares]
    wide = (_WIDTH - 2) / max(len(shares), 1)
    y = Scale(0, max(1.0, *(float(share) for share in shares)) if shares else 1, _HEIGHT - _BOTTOM, _TOP)
    parts = [line(0, y(1), _WIDTH, y(1), "grid dash")]
    for index, share in enumerate(shares):
        parts.append(rect(index * wide + _GAP, y(0), max(wide - 2 * _GAP, 1), y(float(share)) - y(0), "fill-revenue"))
    parts.append(line(0, y(0), _WIDTH, y(0), "zero"))
    middles = [(index + 0.5) * wide for index in range(len(shares))]
    parts += _words(told, middles, [y(float(share)) - 6 for share in shares], wide, "label-strong")
    parts += _words(list(periods), middles, [_HEIGHT - 6] * len(shares), wide, "label-faint")
    describe = "; ".join(f"{period}: {words}" for period, words in zip(periods, told, strict=True)) + "."
    return picture(parts, width=_WIDTH, height=_HEIGHT, title=title, describe=describe, css="vos small-picture")


def share_words(share: Decimal) -> str:
    """``62.5 %``, without decimals that say nothing."""
    percents = (share * 100).quantize(Decimal("0.1"))
    return f"{percents.normalize():f}\u00a0%"


def _words(words: list[str], middles: list[float], heights: list[float], wide: float, css: str) -> list[Markup]:
    """Each word over its bar; where they would run into each other, every second, third … and the last."""
    widest = max((text_width(word) for word in words), default=0.0) + 4
    step = max(1, -(-int(widest) // max(int(wide), 1)))
    return [
        text(words[index], min(max(middles[index], widest / 2), _WIDTH - widest / 2), heights[index], css=css, anchor="middle")
        for index in range(len(words))
        if index % step == 0
    ]
