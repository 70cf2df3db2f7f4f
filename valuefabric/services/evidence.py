"""Taking in documents from outside: whole or not at all, once per content, always untrusted."""

import hashlib
import re
from typing import Literal

from django.db import IntegrityError, transaction

from kernel.storage.services import blob_put
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.evidence import EvidenceError, ParsedDocument, read_document
from valuefabric.models import Customer, Evidence, EvidenceSpan
from valuefabric.models.value_tree import CLASSIFICATIONS
from valuefabric.services.records import record, require_access
from valuefabric.topics import EvidenceAdded

type Classification = Literal["public", "internal", "confidential", "restricted"]

__all__ = ["EvidenceError", "evidence_add"]

_LONGEST_NAME = 200
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def evidence_add(
    *,
    customer: Customer,
    filename: str,
    content: bytes,
    actor: Actor,
    process: str = "",
    classification: Classification | None = None,
) -> Evidence:
    """Store a document for a customer, with its canonical text and citable spans; the same content again is returned as it is.

    ``classification`` says to which models it may be sent (the tenant's residency); confidential where nothing is said. It stays
    as it is. Raises PermissionDenied, and EvidenceError whose message names row and column, or that the same content is there as
    something less sensitive; then nothing was stored.
    """
    require_access(actor, Permission.EVIDENCE_ADD, customer)
    sha256 = hashlib.sha256(content).hexdigest()
    if existing := Evidence.objects.filter(customer=customer, sha256=sha256).first():
        return _as_sensitive(existing, classification)
    name = shown_name(filename)
    parsed = read_document(name, content)
    try:
        with transaction.atomic():
            return _store(customer, name, content, parsed, actor, process, classification or "confidential")
    except IntegrityError:
        # Somebody stored the same content in between; anything else that was violated is an error.
        if existing := Evidence.objects.filter(customer=customer, sha256=sha256).first():
            return _as_sensitive(existing, classification)
        raise


def _as_sensitive(existing: Evidence, wanted: Classification | None) -> Evidence:
    """The document that is there, unless somebody says now that it is more sensitive than it was taken for."""
    known = existing.classification
    if wanted and CLASSIFICATIONS.index(wanted) > CLASSIFICATIONS.index(known):
        raise EvidenceError(
            f"The same content is there already as {known} and cannot become {wanted}. Withdraw what was made of it first, "
            "or forbid in the tenant's residency that " + f"{known} text leaves the house."
        )
    return existing


def shown_name(filename: str) -> str:
    """The last part of an uploaded name, without what is invisible: it is shown to people, and never a path."""
    last = re.split(r"[\\/]", _INVISIBLE.sub("", filename))[-1].strip().lstrip(".")
    return last[-_LONGEST_NAME:] or "document"


def _store(
    customer: Customer,
    filename: str,
    content: bytes,
    parsed: ParsedDocument,
    actor: Actor,
    process: str,
    classification: Classification,
) -> Evidence:
    # The blob first: a row must never point at nothing, while a blob that nothing points at does no harm.
    address = blob_put(content)
    evidence = Evidence.objects.create(
        customer=customer,
        filename=filename,
        kind=parsed.kind,
        media_type=parsed.media_type,
        size=len(content),
        sha256=address.removeprefix("sha256:"),
        blob=address,
        text=parsed.text,
        notices=list(parsed.notices),
        classification=classification,
        added_by=actor.identifier,
    )
    spans = [EvidenceSpan(evidence=evidence, start=span.start, end=span.end, locator=span.locator[:200]) for span in parsed.spans]
    EvidenceSpan.objects.bulk_create(spans, batch_size=2000)
    payload = EvidenceAdded(
        customer=str(customer.public_id),
        evidence=str(evidence.public_id),
        sha256=evidence.sha256,
        kind=evidence.kind,
        size=evidence.size,
    )
    record(
        topic="value.evidence.added", row=evidence, payload=payload, actor=actor, process=process, detail={"filename": filename}
    )
    return evidence
