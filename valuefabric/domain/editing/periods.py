"""How many columns a model has."""

import re

from valuefabric.domain.editing.edits import SetPeriods
from valuefabric.domain.editing.rows import Draft
from valuefabric.domain.model import Row
from valuefabric.domain.model.variation import NamedScenario

_COUNTED = re.compile(r"([A-Za-z_]+?)(\d+)")
_FIGURES = ("values", "low", "high")


def with_periods(draft: Draft, edit: SetPeriods) -> None:
    """As many columns as asked for. New ones continue the names and repeat the last figure; taken away is from the end."""
    before = draft.periods
    draft.periods = before[: edit.count]
    while len(draft.periods) < edit.count:
        draft.periods = (*draft.periods, _following(draft.periods))
    draft.rows = {key: _spread(row, edit.count) for key, row in draft.rows.items()}
    labels = draft.changes.get("period_labels", draft.base.period_labels)
    draft.changes["period_labels"] = {key: label for key, label in labels.items() if key in draft.periods}
    scenarios = draft.changes.get("scenarios", draft.base.scenarios)
    draft.changes["scenarios"] = tuple(_with_changes(one, edit.count) for one in scenarios)
    draft.changes["expected"] = None  # published figures were for the columns that there were


def _following(periods: tuple[str, ...]) -> str:
    found = _COUNTED.fullmatch(periods[-1])
    name, number = (found[1], int(found[2])) if found else ("y", 0)
    while f"{name}{number + 1}" in periods:
        number += 1
    return f"{name}{number + 1}"


def _spread(row: Row, count: int) -> Row:
    update = {name: (figures + figures[-1:] * count)[:count] for name in _FIGURES if (figures := getattr(row, name)) is not None}
    return row.model_copy(update=update) if update else row


def _with_changes(scenario: NamedScenario, count: int) -> NamedScenario:
    """A what-if's figures continue as the rows' own do; one figure for all stands for all."""
    changes = tuple(
        one.model_copy(update={"values": (one.values + one.values[-1:] * count)[:count]})
        if one.values is not None and len(one.values) > 1
        else one
        for one in scenario.changes
    )
    return scenario.model_copy(update={"changes": changes})
