"""The narrative in the making, as the target agent writes it."""

from valuefabric.domain.narrative import Story

__all__ = ["Story"]
