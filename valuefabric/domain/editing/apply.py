"""Applying edits to a document, one after the other, each whole or not at all.

Only what an edit touches is checked anew; the document as a whole is checked once, at the end, so that a draft of a large model
costs little more than its computation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from valuefabric.domain.editing import edits as kinds
from valuefabric.domain.editing.cells import with_figures
from valuefabric.domain.editing.edits import Edits
from valuefabric.domain.editing.periods import with_periods
from valuefabric.domain.editing.refusal import EditRefused, Problem, refused
from valuefabric.domain.editing.rows import Draft, add_row, delete_row, move_row, rename_row, set_row
from valuefabric.domain.editing.structure import (
    add_driver,
    delete_driver,
    move_driver,
    set_conventions,
    set_driver,
    set_timeline,
    set_title,
)
from valuefabric.domain.editing.together import delete_overlap, set_correlation, set_overlap
from valuefabric.domain.editing.what_ifs import delete_scenario, set_scenario
from valuefabric.domain.model import ModelDocument

_RULES: Mapping[type[BaseModel], Callable[[Draft, Any], None]] = {
    kinds.SetCells: with_figures,
    kinds.SetRow: set_row,
    kinds.AddRow: add_row,
    kinds.RenameRow: rename_row,
    kinds.DeleteRow: delete_row,
    kinds.MoveRow: move_row,
    kinds.AddDriver: add_driver,
    kinds.SetDriver: set_driver,
    kinds.DeleteDriver: delete_driver,
    kinds.MoveDriver: move_driver,
    kinds.SetConventions: set_conventions,
    kinds.SetTimeline: set_timeline,
    kinds.SetPeriods: with_periods,
    kinds.SetTitle: set_title,
    kinds.SetScenario: set_scenario,
    kinds.DeleteScenario: delete_scenario,
    kinds.SetOverlap: set_overlap,
    kinds.DeleteOverlap: delete_overlap,
    kinds.SetCorrelation: set_correlation,
}


def edited(document: ModelDocument, edits: Edits) -> ModelDocument:
    """``document`` with all edits applied in order. Raises EditRefused naming the first that does not fit; formulas are read
    and units compared when the result is computed."""
    if not edits:
        return document
    draft = Draft(document)
    for index, edit in enumerate(edits):
        try:
            _RULES[type(edit)](draft, edit)
        except EditRefused as error:
            raise error.at(index) from error
        except ValidationError as error:
            raise EditRefused([_problem(error, getattr(edit, "row", ""))], index) from error
    try:
        return draft.document()
    except ValidationError as error:
        raise EditRefused([_problem(error, getattr(edits[-1], "row", ""))], len(edits) - 1) from error


def _problem(error: ValidationError, row: object) -> Problem:
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    told = message if not place or first["type"] == "value_error" else f"{place}: {message}"
    return refused(told, row if isinstance(row, str) else "").problems[0]
