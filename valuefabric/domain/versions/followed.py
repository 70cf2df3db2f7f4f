"""Renamed rows followed before a merge: all three documents get the keys that the merged one will have."""

from dataclasses import dataclass

from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.versions.conflicts import Choices, Conflict, Decisions
from valuefabric.domain.versions.references import with_names
from valuefabric.domain.versions.renames import renames


@dataclass(frozen=True)
class Sides:
    """The three documents by the same keys; with ``conflicts`` they are not to be merged yet."""

    base: ModelDocument
    ours: ModelDocument
    theirs: ModelDocument
    conflicts: tuple[Conflict, ...] = ()


def followed(base: ModelDocument, ours: ModelDocument, theirs: ModelDocument, choices: Choices) -> Sides:
    """Each side's renamings carried out in the base and on the other side. Two names for one row are a conflict of its key."""
    mine, other = renames(base, ours), renames(base, theirs)
    labels = {row.key: (row.driver or "", row.label) for row in base.rows}
    decide = Decisions(choices, lambda place: labels[place[1]])
    names = {old: decide.between(("rows", old, "key"), old, mine.get(old, old), other.get(old, old)) for old in {**mine, **other}}
    names = {old: new for old, new in names.items() if _free(new, old, base, ours, mine) and _free(new, old, base, theirs, other)}
    return Sides(
        with_names(base, names),
        _aligned(ours, mine, names),
        _aligned(theirs, other, names),
        tuple(decide.open),
    )


def _free(new: str, old: str, base: ModelDocument, side: ModelDocument, own: dict[str, str]) -> bool:
    """Whether a side can take the name: it has no other row of it."""
    return own.get(old) == new or new not in {row.key for row in (*base.rows, *side.rows)}


def _aligned(side: ModelDocument, own: dict[str, str], names: dict[str, str]) -> ModelDocument:
    """The side with the names of the merge, whether it has the row by its old key or by a name of its own."""
    return with_names(side, {own.get(old, old): new for old, new in names.items() if own.get(old, old) != new})
