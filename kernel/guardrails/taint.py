"""Taint: whether a value derives from text that came from outside. What is derived from tainted values is tainted."""

from enum import StrEnum


class Taint(StrEnum):
    """Where a value comes from."""

    CLEAN = "clean"
    UNTRUSTED = "untrusted"


def taint_join(*taints: Taint) -> Taint:
    """The taint of what was made from values with these taints; of nothing at all: clean."""
    return Taint.UNTRUSTED if Taint.UNTRUSTED in taints else Taint.CLEAN
