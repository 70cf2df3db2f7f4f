"""Versions of a model: what two of them differ in, and two edits of one brought together. Pure."""

from valuefabric.domain.versions.changes import Change, ComputedCell, ComputedFigure, Entry, ModelDifference, Renamed
from valuefabric.domain.versions.conflicts import Choices, ChoiceUnknown, Conflict
from valuefabric.domain.versions.difference import difference
from valuefabric.domain.versions.merge import Conflicts, MergeBroken, Merged, merge
from valuefabric.domain.versions.parts import plain
from valuefabric.domain.versions.renames import renames

__all__ = [
    "Change",
    "ChoiceUnknown",
    "Choices",
    "ComputedCell",
    "ComputedFigure",
    "Conflict",
    "Conflicts",
    "Entry",
    "MergeBroken",
    "Merged",
    "ModelDifference",
    "Renamed",
    "difference",
    "merge",
    "plain",
    "renames",
]
