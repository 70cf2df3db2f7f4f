"""The palette keeps its promise: AA for words, AAA for figures, levers that hold without colour vision, in light and in dark."""

import re
from itertools import combinations
from math import dist
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
TOKENS = (ROOT / "static/css/tokens.css").read_text()
PAIRS = {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)", TOKENS)}
GROUNDS = ("paper", "surface", "sunken")
THEMES = pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISIONS = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def _linear(colour: str) -> tuple[float, ...]:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lab(colour: str, vision: str = "all colours") -> tuple[float, float, float]:
    """CIELAB (D65) of a colour as somebody with that vision sees it."""
    red, green, blue = (sum(k * c for k, c in zip(row, _linear(colour), strict=True)) for row in VISIONS[vision])
    x, y = 0.4124 * red + 0.3576 * green + 0.1805 * blue, 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
    fx, fy, fz = (max(v, 0) ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x / 0.9505, y, z / 1.089))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
def test_figures_have_the_contrast_of_a_contract(theme: int, ground: str) -> None:
    for ink in ("ink", "ink-2"):
        assert contrast(PAIRS[ink][theme], PAIRS[ground][theme]) >= 7


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
def test_words_are_readable_on_every_ground(theme: int, ground: str) -> None:
    for ink in ("ink-3", "accent", "revenue", "cost-text", "risk", "warn", "refuse"):
        assert contrast(PAIRS[ink][theme], PAIRS[ground][theme]) >= 4.5, ink


@THEMES
def test_words_are_readable_on_their_own_colour(theme: int) -> None:
    pairs = (("on-accent", "accent"), ("on-refuse", "refuse"), ("warn", "warn-soft"), ("refuse", "refuse-soft"), ("ink", "quote"))
    for ink, ground in (*pairs, ("ink", "quote-strong"), ("accent-strong", "accent-soft"), ("ink-2", "quote")):
        assert contrast(PAIRS[ink][theme], PAIRS[ground][theme]) >= 4.5, (ink, ground)


@THEMES
def test_borders_of_controls_are_seen(theme: int) -> None:
    for mark in ("line-strong", "focus", "cost"):
        assert contrast(PAIRS[mark][theme], PAIRS["surface"][theme]) >= 3, mark


@pytest.mark.parametrize("vision", VISIONS)
@THEMES
def test_levers_hold_without_colour_vision(theme: int, vision: str) -> None:
    levers = [PAIRS[lever][theme] for lever in ("revenue", "cost", "risk")]
    for first, second in combinations(levers, 2):
        assert dist(_lab(first, vision), _lab(second, vision)) >= 18, (first, second)


@THEMES
def test_levers_hold_on_a_grey_print(theme: int) -> None:
    for first, second in combinations(("revenue", "cost", "risk"), 2):
        assert abs(_lab(PAIRS[first][theme])[0] - _lab(PAIRS[second][theme])[0]) >= 8


def test_nothing_else_states_a_colour() -> None:
    stated = re.compile(r"(?<![\w&-])#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(")
    for sheet in (ROOT / "static/css").rglob("*.css"):
        if sheet.name != "tokens.css":
            assert not stated.findall(sheet.read_text()), sheet


def test_every_colour_that_is_used_is_a_token() -> None:
    known = set(re.findall(r"--([\w-]+):", TOKENS))
    for sheet in (ROOT / "static/css").rglob("*.css"):
        text = sheet.read_text()
        used = set(re.findall(r"var\(--([\w-]+)\)", text))
        assert used <= known | set(re.findall(r"--([\w-]+):", text)), sheet
