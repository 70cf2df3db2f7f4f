"""Scales, ticks, and how words fit."""

from vos.web.charts.scale import Scale, bounds, shorten, spread, text_width, ticks, wrap


def test_scale_maps_both_ends_and_the_middle() -> None:
    scale = Scale(0, 10, 100, 0)
    assert [scale(0), scale(5), scale(10)] == [100, 50, 0]


def test_scale_of_one_value_stands_at_its_start() -> None:
    assert Scale(3, 3, 7, 90)(3) == 7


def test_bounds_hold_zero_and_are_never_the_same() -> None:
    assert bounds([5, 9]) == (0, 9)
    assert bounds([-4]) == (-4, 0)
    assert bounds([]) == (0, 1)


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 20_000_000) == [0, 5_000_000, 10_000_000, 15_000_000, 20_000_000]
    assert ticks(-1.2, 2.4) == [-1, 0, 1, 2]


def test_text_width_knows_wide_letters() -> None:
    assert round(text_width("iii", 10), 2) == 7.8
    assert round(text_width("mmm", 10), 2) == 27


def test_shorten_ends_in_an_ellipsis_and_fits() -> None:
    short = shorten("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", 100)
    assert short.endswith("…")
    assert text_width(short) <= 100


def test_wrap_keeps_to_its_lines() -> None:
    assert wrap("Lift in retention among users", 130, 3) == ["Lift in retention", "among users"]
    assert wrap("Lift in retention among users", 70, 2) == ["Lift in", "retention…"]
    assert wrap("", 100, 2) == [""]


def test_spread_keeps_order_gap_and_bounds() -> None:
    assert spread([10, 11, 12], 5, 0, 100) == [10, 15, 20]
    assert spread([98, 99], 5, 0, 100) == [95, 100]
