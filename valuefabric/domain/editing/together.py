"""What rows of a draft say together: benefits that overlap, and inputs that move with each other."""

from typing import Any

from valuefabric.domain.editing.edits import DeleteOverlap, SetCorrelation, SetOverlap
from valuefabric.domain.editing.refusal import refused
from valuefabric.domain.editing.rows import Draft
from valuefabric.domain.model.overlap import Overlap
from valuefabric.domain.risk.distribution import Correlation


def set_overlap(draft: Draft, edit: SetOverlap) -> None:
    """Keep a group; one of the same key is replaced."""
    fresh = Overlap.model_validate(edit.overlap)
    draft.changes["overlaps"] = tuple(({one.key: one for one in _own(draft, "overlaps")} | {fresh.key: fresh}).values())


def delete_overlap(draft: Draft, edit: DeleteOverlap) -> None:
    """Take a group away: its rows count whole again."""
    before = _own(draft, "overlaps")
    if all(one.key != edit.overlap for one in before):
        raise refused("The model has no such group any more. Load the page again.")
    draft.changes["overlaps"] = tuple(one for one in before if one.key != edit.overlap)


def set_correlation(draft: Draft, edit: SetCorrelation) -> None:
    """Another rank for a pair of inputs, in whatever order they are named; none lets them fall out by themselves."""
    pair = frozenset(edit.between)
    before = _own(draft, "correlations")
    if edit.rank is None:
        draft.changes["correlations"] = tuple(one for one in before if frozenset(one.between) != pair)
        return
    fresh = Correlation.model_validate({"between": edit.between, "rank": edit.rank})
    kept = {frozenset(one.between): one for one in before} | {pair: fresh}
    draft.changes["correlations"] = tuple(kept.values())


def _own(draft: Draft, name: str) -> tuple[Any, ...]:
    entries: tuple[Any, ...] = draft.changes.get(name, getattr(draft.base, name))
    return entries
