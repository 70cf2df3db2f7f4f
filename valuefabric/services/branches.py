"""Branches of models: made, saved, closed. And going back to an earlier version of any line."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.versions.history import ancestors
from valuefabric.models import ModelBranch, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.versions import parents_of
from valuefabric.services.model_lines import Content, line_locked, line_save
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import BranchChanged

LONGEST_NAME = 80
MOST_BRANCHES = 100  # open ones of a model


class BranchRefused(ValueError):
    """A branch cannot be made so; the message says what to change."""


class VersionUnknown(ValueError):
    """A version was named that the line does not come from."""


def branch_create(*, model: ValueModel, name: str, actor: Actor, from_version: int | None = None) -> ModelBranch:
    """Begin a branch at a version, the main line's head unless stated; a committed model can be branched.

    Raises PermissionDenied, BranchRefused for a name that is taken or too many branches, VersionUnknown.
    """
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    name = _checked_name(name)
    with transaction.atomic():
        locked = line_locked(model).model
        number = locked.head_number if from_version is None else from_version
        start = locked.versions.filter(number=number).first()
        if start is None:
            raise VersionUnknown(f"The model has no version {number}; its newest is {locked.head_number}.")
        if locked.branches.filter(closed_at=None).count() >= MOST_BRANCHES:
            raise BranchRefused(f"The model has {MOST_BRANCHES} open branches. Close those that are done with.")
        try:
            with transaction.atomic():
                branch = ModelBranch(model=locked, name=name, from_version=start, head_number=number, by=actor.identifier)
                row_save(branch, actor=actor)
        except IntegrityError as error:
            raise BranchRefused(f"There is an open branch called {name} already. Choose another name.") from error
        _tell("value.branch.created", branch, start, actor)
    return branch


def branch_save(
    *, branch: ModelBranch, document: ModelDocument, reason: str, actor: Actor, expected_version: int | None = None
) -> ModelVersion:
    """Save ``document`` as the branch's next version; the same content again is no version. The main line and its cases stay.

    Raises PermissionDenied, BranchClosed, ModelChanged, QuotationRefused, FormulaError.
    """
    require_access(actor, Permission.MODEL_EDIT, branch.model.customer)
    content = Content.of(document)
    with transaction.atomic():
        line = line_locked(branch.model, branch)
        line.require_open(expected_version)
        return line_save(line, content, reason=reason, actor=actor)


def branch_close(*, branch: ModelBranch, actor: Actor) -> ModelBranch:
    """Nobody goes on with the branch; its versions stay, its name is free again. Closing it again changes nothing."""
    require_access(actor, Permission.MODEL_EDIT, branch.model.customer)
    with transaction.atomic():
        line = line_locked(branch.model)
        locked = ModelBranch.objects.select_for_update().get(pk=branch.pk)
        if locked.closed_at is None:
            locked.closed_at, locked.closed_by = timezone.now(), actor.identifier
            row_save(locked, actor=actor, fields=["closed_at", "closed_by"])
            _tell("value.branch.closed", locked, line.model.versions.get(number=locked.head_number), actor)
    return locked


def model_revert(
    *,
    model: ValueModel,
    to_version: int,
    reason: str,
    actor: Actor,
    branch: ModelBranch | None = None,
    expected_version: int | None = None,
) -> ModelVersion:
    """Undo: the next version says what ``to_version`` said, a version that the line comes from. What was saved since stays.

    Raises VersionUnknown for another one, and what ``model_save`` raises.
    """
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    with transaction.atomic():
        line = line_locked(model, branch)
        line.require_open(expected_version)
        former = line.model.versions.filter(number=to_version).first()
        if former is None or to_version not in ancestors(parents_of(model), line.head_number):
            raise VersionUnknown(f"Version {to_version} is none that version {line.head_number} comes from.")
        content, detail = Content.of(document_of(former)), {"reverted_to": to_version}
        return line_save(line, content, reason=reason or f"back to version {to_version}", actor=actor, detail=detail)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BranchRefused(f"Give the branch a name of at most {LONGEST_NAME} characters.")
    if name.casefold() == "main":
        raise BranchRefused("“main” is the model's own line. Choose another name.")
    return name


def _tell(topic: str, branch: ModelBranch, head: ModelVersion, actor: Actor) -> None:
    payload = BranchChanged(
        customer=str(branch.model.customer.public_id),
        model=str(branch.model.public_id),
        branch=str(branch.public_id),
        version=head.number,
        content_hash=head.content_hash,
    )
    record(topic=topic, row=branch, payload=payload, actor=actor, detail={"name": branch.name})
