"""Named what-ifs of a draft: kept, taken away, and made out of edits that somebody tried."""

import re
from typing import Any

from valuefabric.domain.editing.edits import DeleteScenario, SetScenario
from valuefabric.domain.editing.refusal import refused
from valuefabric.domain.editing.rows import Draft
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.variation import BUILT_IN, NamedScenario


def set_scenario(draft: Draft, edit: SetScenario) -> None:
    """Keep a what-if; one of the same key is replaced."""
    fresh = NamedScenario.model_validate(edit.scenario)
    own = {one.key: one for one in _scenarios(draft)}
    draft.changes["scenarios"] = tuple((own | {fresh.key: fresh}).values())


def delete_scenario(draft: Draft, edit: DeleteScenario) -> None:
    """Take a what-if away; refused while another one is built on it."""
    before = _scenarios(draft)
    gone = next((one for one in before if one.key == edit.scenario), None)
    if gone is None:
        raise refused("The model has no such what-if any more. Load the page again.")
    users = [one.label for one in before if one.on == gone.key]
    if users:
        raise refused(f"{gone.label} is what {', '.join(users[:4])} is built on. Change that first.")
    draft.changes["scenarios"] = tuple(one for one in before if one is not gone)


def what_if_of(before: ModelDocument, after: ModelDocument, *, label: str, why: str) -> dict[str, Any]:
    """The edit that keeps the difference of two documents as a what-if on the first. Raises EditRefused for a difference that
    is not of figures and formulas."""
    if not label.strip():
        raise refused("Write what the what-if is called.")
    was = {row.key: row for row in before.rows}
    changes = []
    for row in after.rows:
        former = was.pop(row.key, None)
        if former is None or not _alike(former, row):
            raise refused(_ONLY, row.key)
        if (former.values, former.formula) != (row.values, row.formula):
            changes.append(_change(row))
    if was or before.periods != after.periods or before.conventions != after.conventions or before.drivers != after.drivers:
        raise refused(_ONLY)
    if not changes:
        raise refused("Nothing differs from the base yet. Change some figures first; then keep them as a what-if.")
    scenario = {"key": _free_key(label, before), "label": label.strip(), "changes": changes, "why": why.strip()}
    return {"op": "scenario", "scenario": scenario}


_ONLY = "A what-if changes figures and formulas of rows that there are. Save new rows, names and ranges first, or take them back."


def _alike(former: Row, row: Row) -> bool:
    """Whether nothing but figures and formula differs; a range may go with the figures that it was around."""
    free = {"values", "formula"} | ({"low", "high"} if row.formula is not None else set())
    return all(getattr(former, name) == getattr(row, name) for name in type(row).model_fields if name not in free)


def _change(row: Row) -> dict[str, Any]:
    if row.formula is not None:
        return {"row": row.key, "formula": row.formula}
    return {"row": row.key, "values": [f"{figure:f}" for figure in row.values or ()]}


def _free_key(label: str, document: ModelDocument) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:40].strip("_")
    stem = words if words and words[0].isalpha() else f"what_if_{words}".rstrip("_")
    taken = {one.key for one in document.scenarios} | BUILT_IN
    return next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 100))) if name not in taken)


def _scenarios(draft: Draft) -> tuple[NamedScenario, ...]:
    own: tuple[NamedScenario, ...] = draft.changes.get("scenarios", draft.base.scenarios)
    return own
