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
from valuefabric.domain.model import Computation, ModelDocument, Source, compute, content_hash
from valuefabric.models import Citation, Customer, Evidence, ModelVersion, Opportunity, ValueModel
from valuefabric.selectors.documents import document_of, document_plain, measures_of
from valuefabric.selectors.evidence import evidence_by_reference
from valuefabric.services.cases import cases_follow_model
from valuefabric.services.opportunities import QuoteDraft, quoted
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import ModelSaved


class ModelLocked(ValueError):
    """A commitment stands on the model, so it cannot be changed; propose an expansion, or reverse the commitment."""


class ModelChanged(ValueError):
    """Somebody saved another version in between; read it and edit again."""


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
    and approvals asked for them become void. Raises PermissionDenied, ModelLocked, ModelChanged, QuotationRefused, FormulaError.
    """
    require_access(actor, Permission.MODEL_EDIT, customer)
    measures = measures_of(document)
    with transaction.atomic():
        head = _locked(model) if model else _new_model(customer, document, opportunity, actor)
        _require_open(head, expected_version)
        latest = head.versions.order_by("-number").first()
        digest = content_hash(document)
        if latest is not None and latest.content_hash == digest:
            return latest
        version = _next_version(head, document, digest, measures, reason, actor)
        _cite(version, document, customer)
        payload = ModelSaved(
            customer=str(customer.public_id), model=str(head.public_id), version=version.number, content_hash=digest
        )
        record(topic="value.model.saved", row=head, payload=payload, actor=actor, process=process, detail={"reason": reason})
        cases_follow_model(version=version, reason=reason, actor=actor, process=process)
    return version


def model_row_update(
    *,
    model: ValueModel,
    row: str,
    reason: str,
    actor: Actor,
    expected_version: int | None = None,
    **edit: Unpack[RowEdit],
) -> RowUpdate:
    """Edit one row of the newest version and save the result; returns every computed cell that changed by it.

    Raises what ``model_save`` raises, and RowRefused for an unknown row or figures that do not fit.
    """
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    with transaction.atomic():
        head = _locked(model)
        _require_open(head, expected_version)
        before = document_of(head.versions.get(number=head.head_number))
        after = document_with(before, row, edit)
        changes = cell_changes(compute(before), compute(after))
        version = model_save(customer=model.customer, document=after, reason=reason or f"{row} edited", actor=actor, model=head)
    return RowUpdate(version, changes)


def model_withdraw(*, model: ValueModel, actor: Actor, process: str = "") -> ValueModel:
    """Take a model back (compensation); its versions stay. Raises ModelLocked while a commitment stands on it."""
    require_access(actor, Permission.MODEL_EDIT, model.customer)
    with transaction.atomic():
        head = _locked(model)
        _require_open(head, None)
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


def _locked(model: ValueModel) -> ValueModel:
    return ValueModel.objects.select_for_update().get(pk=model.pk)


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


def _require_open(model: ValueModel, expected_version: int | None) -> None:
    if model.locked_at:
        raise ModelLocked("This model is committed. Propose an expansion for a new one, or reverse the commitment first.")
    if expected_version is not None and expected_version != model.head_number:
        raise ModelChanged(
            f"The model is at version {model.head_number} by now, not at {expected_version}. Read it and edit again."
        )


def _next_version(
    model: ValueModel, document: ModelDocument, digest: str, measures: dict[str, Any], reason: str, actor: Actor
) -> ModelVersion:
    model.head_number += 1
    model.title, model.currency = document.title[:300], document.currency
    row_save(model, actor=actor, fields=["head_number", "title", "currency"])
    return ModelVersion.objects.create(
        model=model,
        number=model.head_number,
        document=document_plain(document),
        content_hash=digest,
        measures=measures,
        reason=reason[:500],
        by=actor.identifier,
    )


def _cite(version: ModelVersion, document: ModelDocument, customer: Customer) -> None:
    """Keep a citation for each row that names evidence by its public id; the words must be the evidence's."""
    evidence = evidence_by_reference(customer)
    cited = [(row, quote) for row in document.rows if (quote := _quote(row.source, evidence))]
    citations = []
    for row, quote in cited:
        source, words = quoted(quote, evidence, f"Row {row.key}")
        citations.append(
            Citation(model_version=version, row=row.key, evidence=source, start=quote.start, end=quote.end, quotation=words)
        )
    Citation.objects.bulk_create(citations)


def _quote(source: Source | None, evidence: Mapping[str, Evidence]) -> QuoteDraft | None:
    """The place that a source names; None for a citation in words, which the manifesto's fourth rule judges."""
    if source is None or source.start is None or source.end is None or not source.end:
        return None
    reference = source.reference.removeprefix("evidence:")
    if reference not in evidence and source.kind != "evidence":
        return None
    return QuoteDraft(evidence=reference, start=source.start, end=source.end, quotation=source.quotation)
