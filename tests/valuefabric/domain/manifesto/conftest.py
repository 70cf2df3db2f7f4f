"""The published case as the integrity agent would see it, built from the discovery files."""

from pathlib import Path

import pytest

from tests.factories.narratives import FIGURES, NARRATIVE
from valuefabric.domain.discovery import EvidenceItem, discover
from valuefabric.domain.evidence import read_document
from valuefabric.domain.manifesto import (
    STANDARD_SECTIONS,
    AiLabel,
    CaseUnderReview,
    FabricKpi,
    PlanEntry,
    Stakeholder,
)
from valuefabric.domain.model import compute, content_hash
from valuefabric.domain.packs import load_pack
from valuefabric.domain.packs.build import build_model

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "valuefabric" / "data" / "intellum_discovery"


@pytest.fixture(scope="session")
def pack():
    """The customer education pack."""
    return load_pack((ROOT / "valuefabric" / "packs" / "customer_education.yaml").read_text())


@pytest.fixture(scope="session")
def evidence():
    """The seller's documents, parsed."""
    return {name: read_document(name, (DATA / name).read_bytes()) for name in ("call_notes.md", "crm_record.json", "drivers.csv")}


@pytest.fixture(scope="session")
def published_case(pack, evidence):
    """The published case, complete and honest."""
    found = discover([EvidenceItem(name, document) for name, document in evidence.items()], pack)
    document = build_model(pack, found)
    return CaseUnderReview(
        title="Customer education",
        stage="target",
        owner="Chief Customer Officer",
        stakeholders=tuple(
            Stakeholder(name=person.title, function=person.function) for person in found.personas if person.side == "customer"
        ),
        narrative=NARRATIVE,
        narrative_figures=FIGURES,
        document=document,
        computation=compute(document),
        scenarios={name: compute(document, scenario=name) for name in ("low", "high")},
        fabric_kpis={
            key: FabricKpi(unit=kpi.unit, formula=kpi.formula, row=kpi.row if kpi.input is None else None)
            for key, kpi in pack.kpis.items()
        },
        measurement_plan={key: PlanEntry(**kpi.plan.model_dump()) for key, kpi in pack.kpis.items()},
        ai_labels=tuple(
            AiLabel(part=part, method="deterministic", agent="target@1.0.0") for part in ("model", *STANDARD_SECTIONS)
        ),
        version=1,
        evidence={name: document.text for name, document in evidence.items()},
        uncertainties=("The lift in retention comes from one cohort.",),
        exclusions=("Support questions that courses answer",),
        forbidden=tuple(found.phrase for found in found.forbidden),
        content_hash=content_hash(document),
    )
