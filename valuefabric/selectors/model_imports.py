"""Reading imports: what a file would become, and the report of what one became."""

import json
from dataclasses import replace
from typing import Any

from kernel.audit.models import AuditRecord
from kernel.storage.services import BlobCorrupted, BlobMissing, blob_get
from valuefabric.domain.imports import Choices, Imported, import_model
from valuefabric.domain.imports.choices import NO_CHOICES
from valuefabric.models import Customer, Evidence, ModelVersion


def import_preview(customer: Customer, filename: str, content: bytes, choices: Choices = NO_CHOICES) -> Imported:
    """What ``model_import`` would save and report; nothing is stored."""
    return import_model(content, filename, choices_for(customer, choices))


def kept_preview(evidence: Evidence, choices: Choices = NO_CHOICES) -> Imported:
    """The same of a file that is kept as evidence. Raises BlobMissing and BlobCorrupted."""
    return import_preview(evidence.customer, evidence.filename, blob_get(evidence.blob), choices)


def choices_for(customer: Customer, choices: Choices) -> Choices:
    """Choices with the customer's currency for files that show none."""
    return replace(choices, default_currency=customer.currency or choices.default_currency)


def import_report(version: ModelVersion) -> dict[str, Any] | None:
    """The kept report of the import that made ``version``; None for a version made otherwise, or where the report is lost."""
    records = AuditRecord.objects.filter(subject=version.model.reference, action="model.imported")
    found = records.filter(detail__version=version.number).order_by("-id").first()
    if found is None:
        return None
    try:
        report: dict[str, Any] = json.loads(blob_get(found.detail["report"]))
    except (BlobMissing, BlobCorrupted):
        return None
    return report
