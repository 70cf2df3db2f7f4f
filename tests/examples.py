"""What hypothesis works out before its first examples, in every process that finds none of it on disk: five seconds.

It reads the constants of all modules that are loaded, to try them as inputs, and tries each character in the encoding of texts.
"""

import warnings

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisSideeffectWarning


def examples_prepare() -> None:
    """Have hypothesis do so now: what is forked afterwards has it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisSideeffectWarning)  # that it makes the start slow, as it is meant to here
        _draw()


# One figure in twenty is a constant; so many figures that one is.
@settings(max_examples=5, database=None, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), st.lists(st.integers(), min_size=50, max_size=50))
def _draw(_text: str, _figures: list[int]) -> None:
    """The examples themselves."""
