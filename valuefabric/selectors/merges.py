"""What a merge would bring, before anybody decides: what each line changed since they parted, and where they disagree."""

from dataclasses import dataclass
from typing import Literal

from valuefabric.domain.versions import (
    Choices,
    Conflict,
    Conflicts,
    MergeBroken,
    ModelDifference,
    difference,
    merge,
)
from valuefabric.domain.versions.history import ancestors, merge_base
from valuefabric.models import ModelBranch, ModelVersion
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.versions import parents_of


@dataclass(frozen=True)
class MergePreview:
    """``ours`` is merged into, ``theirs`` comes; ``base`` is what both come from.

    ``brings`` and ``since`` are what theirs and ours changed since then. ``problem`` says why the two do not fit together.
    """

    base: ModelVersion
    ours: ModelVersion
    theirs: ModelVersion
    brings: ModelDifference
    since: ModelDifference
    conflicts: tuple[Conflict, ...]
    problem: str
    merged_already: bool


def merge_preview(branch: ModelBranch, into: Literal["main", "branch"], choices: Choices | None = None) -> MergePreview:
    """The merge of the heads as they are now, with the choices made so far. Writes nothing."""
    model = branch.model
    parents = parents_of(model)
    numbers = (model.head_number, branch.head_number)
    ours, theirs = numbers if into == "main" else numbers[::-1]
    found = {one.number: one for one in model.versions.filter(number__in={merge_base(parents, ours, theirs), ours, theirs})}
    base, mine, other = found[merge_base(parents, ours, theirs)], found[ours], found[theirs]
    documents = (document_of(base), document_of(mine), document_of(other))
    conflicts: tuple[Conflict, ...] = ()
    problem = ""
    try:
        made = merge(documents[0], documents[1], documents[2], choices or {})
        conflicts = made.conflicts if isinstance(made, Conflicts) else ()
    except MergeBroken as broken:
        problem = str(broken)
    return MergePreview(
        base=base,
        ours=mine,
        theirs=other,
        brings=difference(documents[0], documents[2]),
        since=difference(documents[0], documents[1]),
        conflicts=conflicts,
        problem=problem,
        merged_already=theirs in ancestors(parents, ours),
    )
