"""The edits that a model can take, as they cross the border: figures as typed, everything else by name."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from valuefabric.domain.editing.refusal import EditRefused, Problem

MOST_EDITS = 2_000
MOST_CELLS = 20_000

Key = Annotated[str, Field(min_length=1, max_length=64)]
Part = Literal["values", "low", "high"]


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CellText(_Edit):
    """One figure as typed; an empty text clears it (a figure to 0, an end of a range to the figure itself)."""

    row: Key
    period: Key
    text: Annotated[str, Field(max_length=200)] = ""
    part: Part = "values"


class SetCells(_Edit):
    """Figures typed or pasted together. ``mark`` says what the decimal mark is where the texts leave it open."""

    op: Literal["cells"] = "cells"
    cells: Annotated[tuple[CellText, ...], Field(min_length=1, max_length=MOST_CELLS)]
    mark: Literal["", ".", ","] = ""


class SetRow(_Edit):
    """What is to be different about a row, by the names of the model format. A formula takes the place of its figures."""

    op: Literal["row"] = "row"
    row: Key
    set: dict[str, Any]


class AddRow(_Edit):
    """A new row in front of another one, or last of its driver's."""

    op: Literal["add_row"] = "add_row"
    row: dict[str, Any]
    before: Key | None = None


class RenameRow(_Edit):
    """Another key for a row; formulas that name it follow."""

    op: Literal["rename_row"] = "rename_row"
    row: Key
    key: Key


class DeleteRow(_Edit):
    """Take a row away that no formula names."""

    op: Literal["delete_row"] = "delete_row"
    row: Key


class MoveRow(_Edit):
    """Put a row in front of another one, or last, under a driver (None: under none)."""

    op: Literal["move_row"] = "move_row"
    row: Key
    driver: Key | None = None
    before: Key | None = None


class AddDriver(_Edit):
    """A new driver."""

    op: Literal["add_driver"] = "add_driver"
    driver: dict[str, Any]
    before: Key | None = None


class SetDriver(_Edit):
    """What is to be different about a driver."""

    op: Literal["driver"] = "driver"
    driver: Key
    set: dict[str, Any]


class DeleteDriver(_Edit):
    """Take a driver away that has no rows."""

    op: Literal["delete_driver"] = "delete_driver"
    driver: Key


class MoveDriver(_Edit):
    """Put a driver in front of another one, or last."""

    op: Literal["move_driver"] = "move_driver"
    driver: Key
    before: Key | None = None


class SetConventions(_Edit):
    """How flows become measures; ``discount_rate`` may be written ``10 %``."""

    op: Literal["conventions"] = "conventions"
    set: dict[str, Any]


class SetTimeline(_Edit):
    """Which months the columns are, and how long the contract runs; ``set`` is the whole timeline, None takes it away."""

    op: Literal["timeline"] = "timeline"
    set: dict[str, Any] | None


class SetPeriods(_Edit):
    """How many columns there are; new ones continue the last figure."""

    op: Literal["periods"] = "periods"
    count: Annotated[int, Field(ge=1, le=120)]


class SetTitle(_Edit):
    """What the model is called."""

    op: Literal["title"] = "title"
    title: Annotated[str, Field(min_length=1, max_length=500)]


class SetScenario(_Edit):
    """A named what-if, new or in place of the one of its key, by the names of the model format."""

    op: Literal["scenario"] = "scenario"
    scenario: dict[str, Any]


class DeleteScenario(_Edit):
    """Take a what-if away that no other is built on."""

    op: Literal["delete_scenario"] = "delete_scenario"
    scenario: Key


class SetOverlap(_Edit):
    """A group of benefits that are partly the same money, new or in place of the one of its key."""

    op: Literal["overlap"] = "overlap"
    overlap: dict[str, Any]


class DeleteOverlap(_Edit):
    """Take a group away."""

    op: Literal["delete_overlap"] = "delete_overlap"
    overlap: Key


class SetCorrelation(_Edit):
    """How two inputs move together, by Spearman's rank; None takes the correlation away."""

    op: Literal["correlation"] = "correlation"
    between: tuple[Key, Key]
    rank: Annotated[str, Field(max_length=40)] | None


Edit = Annotated[
    SetCells
    | SetRow
    | AddRow
    | RenameRow
    | DeleteRow
    | MoveRow
    | AddDriver
    | SetDriver
    | DeleteDriver
    | MoveDriver
    | SetConventions
    | SetTimeline
    | SetPeriods
    | SetTitle
    | SetScenario
    | DeleteScenario
    | SetOverlap
    | DeleteOverlap
    | SetCorrelation,
    Field(discriminator="op"),
]
type Edits = Sequence[Edit]

_LIST: TypeAdapter[tuple[Edit, ...]] = TypeAdapter(Annotated[tuple[Edit, ...], Field(max_length=MOST_EDITS)])


def read_edits(value: object) -> tuple[Edit, ...]:
    """The edits out of plain values, as JSON gives them. Raises EditRefused."""
    try:
        edits = _LIST.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][:4])
        raise EditRefused([Problem(f"the edits cannot be read, at {place or 'the list'}: {first['msg']}")]) from error
    if sum(len(edit.cells) for edit in edits if isinstance(edit, SetCells)) > MOST_CELLS:
        raise EditRefused([Problem(f"more than {MOST_CELLS:,} figures are changed; save some of them first")])
    return edits
