"""Merging a branch with the main line, in either direction."""

from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.versions import Choices, Conflict, Conflicts, Merged, merge
from valuefabric.domain.versions.history import ancestors, merge_base
from valuefabric.models import ModelBranch, ModelVersion
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.versions import parents_of
from valuefabric.services.model_lines import Content, Line, line_locked, line_save
from valuefabric.services.records import record, require_access
from valuefabric.topics import BranchMerged

Into = Literal["main", "branch"]


class MergeConflicted(ValueError):
    """Both lines changed the same thing to something else; choose for each of ``conflicts``, and merge again."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        things = "one thing" if len(conflicts) == 1 else f"{len(conflicts)} things"
        super().__init__(f"Both lines changed {things} differently. Choose for each, and merge again.")
        self.conflicts = conflicts


@dataclass(frozen=True)
class Merge:
    """What a merge led to: the version that has both, or, ``changed`` being false, the head that had both already.

    ``filled`` are rows that go on with their last figure in periods that the other line added.
    """

    version: ModelVersion
    changed: bool
    filled: tuple[str, ...] = ()


def branch_merge(
    *,
    branch: ModelBranch,
    actor: Actor,
    reason: str,
    choices: Choices | None = None,
    expected_version: int | None = None,
    expected_branch_version: int | None = None,
) -> Merge:
    """Bring the branch's changes to the main line, as its next version; cases follow, approvals asked for become void.

    In ``choices`` "ours" is the main line, "theirs" the branch. The branch stays open. Raises PermissionDenied, ModelLocked while
    a commitment stands on the model, ModelChanged where a head is not the expected one, MergeConflicted, MergeBroken and
    ChoiceUnknown.
    """
    return _merge(branch, "main", actor, reason, choices or {}, (expected_version, expected_branch_version))


def branch_update(
    *,
    branch: ModelBranch,
    actor: Actor,
    reason: str,
    choices: Choices | None = None,
    expected_version: int | None = None,
    expected_branch_version: int | None = None,
) -> Merge:
    """Bring the main line's changes to the branch, as its next version; nothing else changes, so a commitment does not hinder it.

    In ``choices`` "ours" is the branch, "theirs" the main line. Raises what ``branch_merge`` raises, and BranchClosed.
    """
    return _merge(branch, "branch", actor, reason, choices or {}, (expected_version, expected_branch_version))


def _merge(
    branch: ModelBranch, into: Into, actor: Actor, reason: str, choices: Choices, expected: tuple[int | None, int | None]
) -> Merge:
    require_access(actor, Permission.MODEL_EDIT, branch.model.customer)
    with transaction.atomic():
        beside = line_locked(branch.model, branch)
        main = Line(beside.model)
        main.require_current(expected[0])
        beside.require_current(expected[1])
        target, other = (main, beside) if into == "main" else (beside, main)
        target.require_open(None)
        ours, theirs = _head(target), _head(other)
        parents = parents_of(main.model)
        if theirs.number in ancestors(parents, ours.number):
            return Merge(ours, changed=False)
        made = _merged(merge_base(parents, ours.number, theirs.number), ours, theirs, choices)
        version = line_save(target, Content.of(made.document), reason=reason, actor=actor, merged=theirs)
        _tell(branch, into, theirs, version, actor)
    return Merge(version, changed=True, filled=made.filled)


def _head(line: Line) -> ModelVersion:
    return line.model.versions.get(number=line.head_number)


def _merged(base: int, ours: ModelVersion, theirs: ModelVersion, choices: Choices) -> Merged:
    former = ours.model.versions.get(number=base)
    made = merge(document_of(former), document_of(ours), document_of(theirs), choices)
    if isinstance(made, Conflicts):
        raise MergeConflicted(made.conflicts)
    return made


def _tell(branch: ModelBranch, into: Into, merged: ModelVersion, version: ModelVersion, actor: Actor) -> None:
    payload = BranchMerged(
        customer=str(branch.model.customer.public_id),
        model=str(branch.model.public_id),
        branch=str(branch.public_id),
        into=into,
        merged_version=merged.number,
        version=version.number,
        content_hash=version.content_hash,
    )
    record(topic="value.branch.merged", row=branch, payload=payload, actor=actor, detail={"reason": version.reason})
