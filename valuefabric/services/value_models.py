"""Saving models: checked and computed first, a new version each time, none while a commitment stands on the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError as DocumentInvalid

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.model import Computation, ModelDocument, compute
from valuefabric.models import Customer, ModelBranch, ModelVersion, Opportunity, ValueModel
from valuefabric.selectors.documents import document_of, document_plain
from valuefabric.services.model_lines import BranchClosed, Content, Line, ModelChanged, ModelLocked, line_locked, line_save
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import ModelSaved

__all__ = [
    "BranchClosed",
    "CellChange",
    "ModelChanged",
    "ModelLocked",
    "RowEdit",
    "RowRefused",
    "RowUpdate",
    "cell_changes",
    "document_with",
    "model_row_update",
    "model_save",
    "model_withdraw",
]


class RowRefused(ValueError):
    """An edited row does not fit the model; the message names the row and what to write."""


class RowEdit(TypedDict, total=False):
    """What can be changed about a row. Figures are one per period; percents are fractions (0.384)."""

    values: Sequence[Decimal] | None
    low: Sequence[Decimal] | None
    high: Sequence[Decimal] | None
    formula: str | None
    confidence: str | None
    source: Mapping[str, Any] | None
    note: str
    risk_adjustment: Decimal | None


@dataclass(frozen=True)
class CellChange:
    """One computed cell before and after an edit, as displayed."""

    row: str
    label: str
    unit: str
    period: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class RowUpdate:
    """What editing a row led to: the new version, and every cell that differs."""

    version: ModelVersion
    changes: tuple[CellChange, ...]


def model_save(
    *,
    customer: Customer,
    document: ModelDocument,
    reason: str,
    actor: Actor,
    model: ValueModel | None = None,
    opportunity: Opportunity | None = None,
    expected_version: int | None = None,
    process: str = "",
) -> ModelVersion:
    """Save ``document`` as the next version of ``model`` (without one: of a new model). The same content again is no version.

    Quotations of rows are checked against the stored evidence. Cases that are not committed follow to the new version as drafts,
    and approvals asked for them become void. Branches are saved by ``branch_save``. Raises PermissionDenied, ModelLocked,
    ModelChanged, QuotationRefused, FormulaError.
    """
    require_access(actor, Permission.MODEL_EDIT, customer)
    content = Content.of(document)
    with transaction.atomic():
        line = line_locked(model) if model else Line(_new_model(customer, document, opportunity, actor))
        line.require_open(expected_version)
        return line_save(line, content, reason=reason, actor=actor, process=process)


def model_row_update(
    *,
    model: ValueModel,
    row: str,
    reason: str,
    actor: Actor,
    branch: ModelBranch | None = None,
    expected_version: int | None = None,
    **edit: Unpack[RowEdit],
) -> RowUpdate:
    """Edit one row of the newest version and save the result; returns every computed cell that changed by it.

    Raises what ``model_save`` raises, and RowRefused for an unknown row or figures that do not fit.
    """
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    with transaction.atomic():
        line = line_locked(model, branch)
        line.require_open(expected_version)
        before = document_of(line.model.versions.get(number=line.head_number))
        after = document_with(before, row, edit)
        changes = cell_changes(compute(before), compute(after))
        version = line_save(line, Content.of(after), reason=reason or f"{row} edited", actor=actor)
    return RowUpdate(version, changes)


def model_withdraw(*, model: ValueModel, actor: Actor, process: str = "") -> ValueModel:
    """Take a model back (compensation); its versions stay. Raises ModelLocked while a commitment stands on it."""
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    with transaction.atomic():
        line = line_locked(model)
        line.require_open(None)
        head = line.model
        if head.withdrawn_at is None:
            head.withdrawn_at = timezone.now()
            row_save(head, actor=actor, fields=["withdrawn_at"])
            latest = head.versions.get(number=head.head_number)
            payload = ModelSaved(
                customer=str(model.customer.public_id),
                model=str(head.public_id),
                version=latest.number,
                content_hash=latest.content_hash,
            )
            record(topic="value.model.withdrawn", row=head, payload=payload, actor=actor, process=process)
    return head


def document_with(document: ModelDocument, key: str, edit: RowEdit) -> ModelDocument:
    """The document with one row edited. Raises RowRefused."""
    if key not in {row.key for row in document.rows}:
        raise RowRefused(f"The model has no row {key!r}. Its rows are: {', '.join(row.key for row in document.rows)}.")
    plain = document_plain(document)
    for entry in plain["rows"]:
        if entry["key"] == key:
            entry.update(_plain_edit(edit))
    try:
        return ModelDocument.model_validate(plain)
    except DocumentInvalid as error:
        problem = error.errors(include_url=False)[0]
        raise RowRefused(f"Row {key}: {problem['msg'].removeprefix('Value error, ')}.") from error


def cell_changes(before: Computation, after: Computation) -> tuple[CellChange, ...]:
    """Every displayed cell that differs between two computations of models with the same periods."""
    return tuple(
        CellChange(row.key, row.label, row.unit, period, before.rows[row.key].displayed[index], row.displayed[index])
        for row in after.rows.values()
        if row.key in before.rows
        for index, period in enumerate(after.periods)
        if before.rows[row.key].displayed[index] != row.displayed[index]
    )


def _plain_edit(edit: RowEdit) -> dict[str, Any]:
    plain: dict[str, Any] = dict(edit)
    for name in ("values", "low", "high"):
        if plain.get(name) is not None:
            plain[name] = [str(figure) for figure in plain[name]]
    if plain.get("formula"):
        # What a row computes it is not given as well.
        plain |= {"values": None, "low": None, "high": None}
    elif plain.get("values") is not None:
        plain["formula"] = None
    return plain


def _new_model(customer: Customer, document: ModelDocument, opportunity: Opportunity | None, actor: Actor) -> ValueModel:
    model = ValueModel(
        customer=customer,
        opportunity=opportunity,
        title=document.title[:300],
        currency=document.currency,
        owner_id=customer.owner_id,
    )
    row_save(model, actor=actor)
    return model
