"""Random edits of the published model, for property tests of versions: as a person makes them in the sheet."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.factories.valuefabric import published_document
from valuefabric.domain.editing import Edit, EditRefused, edited, read_edits
from valuefabric.domain.model import FormulaError, ModelDocument, compute

_BASE = published_document()
_ROWS = [row.key for row in _BASE.rows]
_INPUTS = [row.key for row in _BASE.rows if row.values is not None]
_DRIVERS = [driver.key for driver in _BASE.drivers]
_WORDS = st.sampled_from(["first", "second", "third"])


def _one(op: str, **parts: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({"op": st.just(op), **parts})


def edits(
    rows: Sequence[str] = _ROWS, drivers: Sequence[str] = _DRIVERS, new: str = "new"
) -> st.SearchStrategy[tuple[Edit, ...]]:
    """Up to six edits of these rows and drivers; new rows begin with ``new``."""
    row, driver = st.sampled_from(rows), st.sampled_from(drivers)
    inputs = st.sampled_from([key for key in rows if key in _INPUTS] or list(rows))
    cell = st.fixed_dictionaries(
        {"row": inputs, "period": st.sampled_from(_BASE.periods), "text": st.sampled_from(["0.2", "0.5"])}
    )
    set_row = st.one_of(
        *(st.fixed_dictionaries({name: _WORDS}) for name in ("label", "note", "kpi")),
        st.fixed_dictionaries({"confidence": st.sampled_from(["high", "medium", "low"])}),
        st.fixed_dictionaries({"low": st.none(), "high": st.none()}),
    )
    fresh = st.fixed_dictionaries(
        {"key": st.sampled_from([f"{new}_{n}" for n in range(3)]), "label": _WORDS, "unit": st.just("USD"), "driver": driver}
    )
    kinds = st.one_of(
        _one("cells", cells=st.lists(cell, min_size=1, max_size=3)),
        _one("row", row=row, set=set_row),
        _one("row", row=inputs, set=st.fixed_dictionaries({"formula": st.sampled_from(["1 / 4", "0.3"])})),
        _one("add_row", row=fresh, before=st.none() | row),
        _one("delete_row", row=row),
        _one("rename_row", row=row, key=st.sampled_from([f"{new}_name_{n}" for n in range(3)])),
        _one("driver", driver=driver, set=st.fixed_dictionaries({"label": _WORDS})),
    )
    return st.lists(kinds, max_size=6).map(read_edits)


def whole_edits(new: str = "new") -> st.SearchStrategy[tuple[Edit, ...]]:
    """The same, with edits of what the model has but once: title, conventions, periods, order."""
    row, driver = st.sampled_from(_ROWS), st.sampled_from(_DRIVERS)
    kinds = st.one_of(
        _one("title", title=_WORDS),
        _one("conventions", set=st.fixed_dictionaries({"discount_rate": st.sampled_from(["8 %", "12 %"])})),
        _one("periods", count=st.integers(2, 5)),
        _one("move_row", row=row, driver=st.none() | driver, before=st.none() | row),
        _one("move_driver", driver=driver, before=st.none() | driver),
    )
    return st.tuples(edits(new=new), st.lists(kinds, max_size=3).map(read_edits)).map(lambda both: (*both[0], *both[1]))


def edited_as_far_as_it_goes(document: ModelDocument, wanted: Sequence[Edit]) -> ModelDocument:
    """The document with those of the edits that it takes, one after the other; what it cannot compute is not edited."""
    for edit in wanted:
        try:
            made = edited(document, [edit])
            compute(made)
        except (EditRefused, FormulaError):
            continue
        document = made
    return document
