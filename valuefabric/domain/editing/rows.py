"""Rows of a draft: changed, added, renamed, taken away, moved."""

from typing import Any

from valuefabric.domain.editing.edits import AddRow, DeleteRow, MoveRow, RenameRow, SetRow
from valuefabric.domain.editing.naming import users_of
from valuefabric.domain.editing.places import places_of
from valuefabric.domain.editing.refusal import refused
from valuefabric.domain.model import ModelDocument, Row

_FIGURES = ("values", "low", "high")
_NAMING = ("overlaps", "scenarios", "alternatives", "correlations")  # parts of a document that name rows


class Draft:
    """A document in the making. Rows keep their order; what was not touched is the document's own."""

    def __init__(self, document: ModelDocument) -> None:
        self.base = document
        self.rows = {row.key: row for row in document.rows}
        self.drivers = {driver.key: driver for driver in document.drivers}
        self.periods = document.periods
        self.changes: dict[str, Any] = {}

    def document(self) -> ModelDocument:
        """The whole, checked; raises pydantic's ValidationError."""
        fields = {name: getattr(self.base, name) for name in type(self.base).model_fields}
        parts = {"rows": tuple(self.rows.values()), "drivers": tuple(self.drivers.values()), "periods": self.periods}
        return ModelDocument.model_validate(fields | parts | self.changes)

    def unchecked(self) -> ModelDocument:
        """The whole as it stands in the middle of a list of edits, which may not fit together yet."""
        parts = {"rows": tuple(self.rows.values()), "drivers": tuple(self.drivers.values()), "periods": self.periods}
        return self.base.model_copy(update=parts | self.changes)

    def row(self, key: str) -> Row:
        """A row that there must be; raises EditRefused."""
        if key not in self.rows:
            raise refused(f"The model has no row '{key}' any more. Load the page again.", key)
        return self.rows[key]


def set_row(draft: Draft, edit: SetRow) -> None:
    """Change what is named; a formula and figures exclude each other."""
    row = draft.row(edit.row)
    if "key" in edit.set:
        raise refused("A row's key is changed by renaming it.", edit.row)
    draft.rows[edit.row] = _checked({**_plain(row), **_one_origin(row, edit.set, draft)}, draft)


def add_row(draft: Draft, edit: AddRow) -> None:
    """Put a new row in; without figures and formula it starts with zeros."""
    key = str(edit.row.get("key", ""))
    if key in draft.rows:
        raise refused(f"There is a row '{key}' already. Choose another key.", key)
    plain = dict(edit.row)
    if plain.get("values") is None and not plain.get("formula"):
        plain["values"] = ["0"] * len(draft.periods)
    _insert(draft, _checked(plain, draft), edit.before)


def rename_row(draft: Draft, edit: RenameRow) -> None:
    """Another key, wherever the model names the row."""
    from valuefabric.domain.versions.references import with_names  # its package needs this one's

    row = draft.row(edit.row)
    if edit.key == edit.row:
        return
    if edit.key in draft.rows:
        raise refused(f"There is a row '{edit.key}' already. Choose another key.", edit.row)
    Row.model_validate({**_plain(row), "key": edit.key})
    before = draft.unchecked()
    after = with_names(before, {edit.row: edit.key})
    draft.rows = {one.key: one for one in after.rows}
    draft.changes |= {name: now for name in _NAMING if (now := getattr(after, name)) != getattr(before, name)}


def delete_row(draft: Draft, edit: DeleteRow) -> None:
    """Take a row away; refused while anything names it, and for the last one."""
    row = draft.row(edit.row)
    if places := places_of(edit.row, draft.unchecked()):
        only = len(users_of(edit.row, draft.rows.values())) == len(places)
        first = "Change those formulas first." if only else "Take it out there first."
        raise refused(f"{row.label} is used by {', '.join(places[:4])}. {first}", edit.row)
    if len(draft.rows) == 1:
        raise refused("A model has at least one row. Change this one instead.", edit.row)
    del draft.rows[edit.row]


def move_row(draft: Draft, edit: MoveRow) -> None:
    """Another place, and perhaps another driver."""
    row = draft.row(edit.row)
    if edit.driver is not None and edit.driver not in draft.drivers:
        raise refused(f"The model has no driver '{edit.driver}'.", edit.row)
    del draft.rows[edit.row]
    _insert(draft, row.model_copy(update={"driver": edit.driver}), edit.before)


def _insert(draft: Draft, row: Row, before: str | None) -> None:
    if before is not None and before in draft.rows:
        made: dict[str, Row] = {}
        for key, one in draft.rows.items():
            if key == before:
                made[row.key] = row
            made[key] = one
        draft.rows = made
    else:
        draft.rows[row.key] = row


def _one_origin(row: Row, changes: dict[str, Any], draft: Draft) -> dict[str, Any]:
    made = dict(changes)
    if made.get("formula"):
        made |= {"values": None, "low": None, "high": None, "distribution": None}
    elif "formula" in made or made.get("values") is not None:
        made["formula"] = None
        if made.get("values") is None and row.values is None:
            made["values"] = ["0"] * len(draft.periods)
    return made


def _plain(row: Row) -> dict[str, Any]:
    """The row's fields; its parts stay what they are, for they were checked."""
    return {name: getattr(row, name) for name in type(row).model_fields}


def _checked(plain: dict[str, Any], draft: Draft) -> Row:
    """The row, with one figure for every period spread out. Raises pydantic's ValidationError."""
    row = Row.model_validate(plain)
    single = {name: figures for name in _FIGURES if (figures := getattr(row, name)) is not None and len(figures) == 1}
    return row.model_copy(update={name: figures * len(draft.periods) for name, figures in single.items()}) if single else row
