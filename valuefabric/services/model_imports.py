"""A file becomes a model: the file kept as evidence, its figures citing it, the report of how it was read kept beside."""

import json
from dataclasses import dataclass

from django.db import transaction

from kernel.storage.services import blob_put
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.imports import Choices, Report
from valuefabric.domain.imports.choices import NO_CHOICES
from valuefabric.domain.model import ModelDocument, Row, Source
from valuefabric.models import Customer, Evidence, ModelVersion, ValueModel
from valuefabric.selectors.model_imports import import_preview
from valuefabric.services.evidence import evidence_add
from valuefabric.services.records import record, require_access
from valuefabric.services.value_models import model_save
from valuefabric.topics import ModelImported

__all__ = ["BroughtFile", "ModelNotImported", "SavedImport", "model_import"]

_LONGEST_QUOTATION = 5_000


class ModelNotImported(ValueError):
    """The file holds no model that computes. Nothing was stored; ``report`` says where, why and what to do."""

    def __init__(self, report: Report) -> None:
        refused = report.of("refused")
        super().__init__(refused[-1].why if refused else "The file holds no model.")
        self.report = report


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """A file as somebody brought it; its name is to be shown only."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SavedImport:
    """The version that was saved, the file as evidence, and the report with the address that it is kept under."""

    version: ModelVersion
    evidence: Evidence
    report: Report
    address: str


def model_import(
    *,
    customer: Customer,
    file: BroughtFile,
    actor: Actor,
    choices: Choices = NO_CHOICES,
    reason: str = "",
    model: ValueModel | None = None,
    expected_version: int | None = None,
    process: str = "",
) -> SavedImport:
    """Import a file as a new model, or as the next version of ``model``. A file that shows no currency has the customer's.

    Every figure taken from the file cites it. Raises ModelNotImported, PermissionDenied, EvidenceError, and what ``model_save``
    raises; then nothing was stored.
    """
    require_access(actor, Permission.MODEL_EDIT, customer)
    imported = import_preview(customer, file.name, file.content, choices)
    if imported.document is None:
        raise ModelNotImported(imported.report)
    with transaction.atomic():
        evidence = evidence_add(customer=customer, filename=file.name, content=file.content, actor=actor, process=process)
        version = model_save(
            customer=customer,
            document=_citing(imported.document, imported.report, evidence),
            reason=reason or f"imported from {evidence.filename}",
            actor=actor,
            model=model,
            expected_version=expected_version,
            process=process,
        )
        address = blob_put(json.dumps(imported.report.plain(), ensure_ascii=False).encode())
        _tell(version, evidence, imported.report, address, actor, process)
    return SavedImport(version, evidence, imported.report, address)


def _tell(version: ModelVersion, evidence: Evidence, report: Report, address: str, actor: Actor, process: str) -> None:
    payload = ModelImported(
        customer=str(version.model.customer.public_id),
        model=str(version.model.public_id),
        version=version.number,
        evidence=str(evidence.public_id),
        report=address,
        compared=len(report.compared),
        differing=len(report.differing),
    )
    detail = {"filename": evidence.filename, "format": report.format}
    record(topic="value.model.imported", row=version.model, payload=payload, actor=actor, process=process, detail=detail)


def _citing(document: ModelDocument, report: Report, evidence: Evidence) -> ModelDocument:
    """The document with the sources of its figures as quotations of the kept file, line by line."""
    locators = {row.key: row.locator for row in report.rows if row.locator}
    spans = evidence.spans.filter(locator__in=[locator[:200] for locator in locators.values()])
    places = {span.locator: (span.start, span.end) for span in spans}
    rows = tuple(_cited(row, evidence, places.get(locators.get(row.key, "")[:200])) for row in document.rows)
    return document.model_copy(update={"rows": rows})


def _cited(row: Row, evidence: Evidence, place: tuple[int, int] | None) -> Row:
    if row.source is None or row.source.kind != "evidence" or place is None:
        return row
    start, end = place
    words = evidence.quote(start, end).rstrip()
    if not words or len(words) > _LONGEST_QUOTATION:
        return row
    source = Source(kind="evidence", reference=str(evidence.public_id), quotation=words, start=start, end=start + len(words))
    note = f"{row.source.reference}. {row.note}".removesuffix(". ")[:5_000]
    return row.model_copy(update={"source": source, "note": note})
