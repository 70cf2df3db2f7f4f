"""Looking at a document that came in: who takes it, and what it says about the model."""

from collections.abc import Mapping
from typing import Any

from agents.customer import customer_of, pack_of
from kernel.storage.services import blob_get
from valuefabric.domain.discovery import Discovery, EvidenceItem, default_embedder, discover
from valuefabric.domain.evidence import read_document
from valuefabric.models import Evidence
from workflows.steps.dependencies import BLOBS
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun

_ROUTES = {"text": "notes", "json": "record", "csv": "sheet", "xlsx": "sheet"}


def route_of(kind: str, found: Discovery) -> list[str]:
    """Who takes a document: by its form, and beside that whoever deals with text that addresses the software."""
    return [_ROUTES[kind], *(["suspicious"] if found.suspicious else [])]


def figures_of(found: Discovery) -> dict[str, Any]:
    """What a document gives a model: the inputs it has figures for, rows that the pack does not know, and its conflicts."""
    return {
        "figures": [
            {"input": known.input, "values": [str(value) for value in known.values], "quotation": known.source.quotation}
            for known in found.assumptions
        ],
        "unmatched": [row.name for row in found.unmatched],
        "conflicts": [conflict.message for conflict in found.conflicts],
    }


def _read(run: StepRun) -> tuple[Evidence, Discovery]:
    """What discovery finds in this one document alone."""
    row = customer_of(run.actor, run.inputs).evidence.get(public_id=run.inputs["evidence"])
    item = EvidenceItem(str(row.public_id), read_document(row.filename, blob_get(row.blob)))
    return row, discover([item], pack_of(run.inputs), embedder=default_embedder())


def _route(_run: StepRun, prepared: Any) -> Mapping[str, Any]:
    row, found = prepared
    sentences = [sentence.citation.quotation[:300] for sentence in found.suspicious]
    return {"route": route_of(row.kind, found), "kind": row.kind, "filename": row.filename, "suspicious": sentences}


def _figures(_run: StepRun, prepared: Any) -> Mapping[str, Any]:
    return figures_of(prepared[1])


FUNCTIONS = (
    StepFunction("intake.route", prepare=_read, commit=_route, depends_on=BLOBS),
    StepFunction("intake.figures", prepare=_read, commit=_figures, depends_on=BLOBS),
)
