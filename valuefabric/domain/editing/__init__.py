"""Editing a model by a list of edits: what a sheet sends, what a draft computes, what a save keeps. Pure.

The same list gives the same document wherever it is applied, so a draft and the version saved from it cannot differ.
"""

from valuefabric.domain.editing.apply import edited
from valuefabric.domain.editing.edits import MOST_CELLS, MOST_EDITS, CellText, Edit, Edits, SetCells, read_edits
from valuefabric.domain.editing.refusal import EditRefused, Problem
from valuefabric.domain.editing.typed import FigureRefused, decimal_mark_of, read_typed
from valuefabric.domain.editing.what_ifs import what_if_of

__all__ = [
    "MOST_CELLS",
    "MOST_EDITS",
    "CellText",
    "Edit",
    "EditRefused",
    "Edits",
    "FigureRefused",
    "Problem",
    "SetCells",
    "decimal_mark_of",
    "edited",
    "read_edits",
    "read_typed",
    "what_if_of",
]
