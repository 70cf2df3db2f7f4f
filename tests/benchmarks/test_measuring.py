"""A bar says what it says, and the reference takes turns with what is measured."""

import pytest

from benchmarks.measuring import Bar, Measured, timed, timed_beside


@pytest.mark.parametrize(
    ("bar", "text", "holds"),
    [
        (Bar(1.5), "≤ 1.5×", True),
        (Bar(1.4), "≤ 1.4×", False),
        (Bar(30, of="figure"), "≤ 30 ms", True),
        (Bar(29, of="figure"), "≤ 29 ms", False),
        (Bar(31, of="figure", side="at least"), "≥ 31 ms", False),
        (Bar(1.5, side="at least"), "≥ 1.5×", True),
    ],
)
def test_bar_is_told_and_judged(bar: Bar, text: str, *, holds: bool) -> None:
    measured = Measured("work", 30.0, "ms", 20.0)

    assert bar.text("ms") == text
    assert bar.holds(measured) is holds


def test_bar_on_a_ratio_needs_a_reference() -> None:
    with pytest.raises(ValueError, match="needs a reference"):
        Bar(1.0).holds(Measured("work", 30.0, "ms"))


def test_timed_beside_takes_turns_and_changes_who_is_first() -> None:
    calls: list[str] = []

    measured = timed_beside("work", lambda: calls.append("a"), lambda: calls.append("b"), unit="µs", rounds=3, calls=2)

    assert "".join(calls) == "bbaa" + "aabb" + "bbaa" + "aabb"
    assert measured.reference is not None
    assert measured.ratio == measured.figure / measured.reference


def test_timed_alone_has_no_ratio() -> None:
    measured = timed("work", lambda: None, unit="ns", rounds=3)

    assert measured.figure > 0
    assert (measured.reference, measured.ratio) == (None, None)
