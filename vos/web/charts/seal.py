"""The round seal of a stamp: words on a circle, the mark in the middle. Drawn for the integrity panel and the case."""

from vos.web.charts.markup import Markup, picture, tag, text

_SIZE = 136.0
_CENTRE = _SIZE / 2
_CHECK, _CROSS = "M56 56l8 9 17-19", "M59 47l18 18M77 47l-18 18"


def seal(*, outer: str, middle: str, lower: str, passed: bool = True) -> Markup:
    """``outer`` runs round the ring ("VOS integrity · rule set 1.0.0"), ``middle`` and ``lower`` stand inside.

    The sign is a cross unless ``passed``.
    """
    ring = [tag("circle", cx=_CENTRE, cy=_CENTRE, r=r, stroke_width=w) for r, w in ((66.0, 2.0), (62.5, 0.75), (44.0, 0.75))]
    round_path = f"M{_CENTRE} {_CENTRE + 49.5}a49.5 49.5 0 1 1 .01 0"
    words = tag("textPath", outer.upper(), href="#seal-ring", textLength="296", lengthAdjust="spacing")
    parts = [
        *ring,
        tag("path", id="seal-ring", d=round_path, stroke="none"),
        tag("text", words, font_size="10"),
        tag("path", d=_CHECK if passed else _CROSS, stroke_width=4.0, stroke_linecap="round", stroke_linejoin="round"),
        text(middle, _CENTRE, 84, css="seal-middle", anchor="middle"),
        text(lower, _CENTRE, 96, css="seal-lower", anchor="middle"),
    ]
    return picture(parts, width=_SIZE, height=_SIZE, title=f"{outer}, {middle}, {lower}", describe="", css="stamp-seal")
