"""A model with unsaved edits, computed: what a sheet shows while somebody types. Nothing is written.

A saved version never changes, so its document and computation are kept by this process; a draft then costs the edits and one
computation, whatever the size of what was stored.
"""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from valuefabric.domain.editing import EditRefused, Edits, Problem, edited
from valuefabric.domain.model import Computation, FormulaError, ModelDocument, Scenario, compute
from valuefabric.models import Customer, ModelVersion
from valuefabric.selectors.documents import document_of


@dataclass(frozen=True)
class ModelDraft:
    """A version, and what it becomes by the edits. ``saved`` and ``computed`` are in the same scenario."""

    version: ModelVersion
    saved_document: ModelDocument
    saved: Computation
    document: ModelDocument
    computed: Computation


def draft_version(customer: Customer, public_id: UUID) -> ModelVersion | None:
    """The version to draft on, without its document; None where it is not this customer's."""
    rows = ModelVersion.objects.filter(model__customer=customer, public_id=public_id)
    return rows.select_related("model", "branch").defer("document", "measures").first()


def model_draft(version: ModelVersion, edits: Edits, *, scenario: Scenario = "base") -> ModelDraft:
    """The version with the edits, computed. Raises EditRefused with row, period and position of what does not fit."""
    document = saved_document(version)
    saved = _saved_computation(version.public_id, version.content_hash, scenario)
    if not edits:
        return ModelDraft(version, document, saved, document, saved)
    after = edited(document, edits)
    try:
        computed = compute(after, scenario=scenario)
    except FormulaError as error:
        problem = Problem(error.message, error.row, error.period, "formula" if error.position else "values", error.position)
        raise EditRefused([problem], len(edits) - 1) from error
    return ModelDraft(version, document, saved, after, computed)


def saved_document(version: ModelVersion) -> ModelDocument:
    """The version's document, read and checked once in this process."""
    return _saved_document(version.public_id, version.content_hash)


@lru_cache(maxsize=64)
def _saved_document(public_id: UUID, content_hash: str) -> ModelDocument:
    return document_of(ModelVersion.objects.only("document").get(public_id=public_id, content_hash=content_hash))


@lru_cache(maxsize=128)
def _saved_computation(public_id: UUID, content_hash: str, scenario: Scenario) -> Computation:
    return compute(_saved_document(public_id, content_hash), scenario=scenario)
