"""The published case as the integrity agent would see it, built from the discovery files."""

from pathlib import Path

import pytest

from valuefabric.domain.discovery import EvidenceItem, discover
from valuefabric.domain.evidence import read_document
from valuefabric.domain.manifesto import (
    STANDARD_SECTIONS,
    AiLabel,
    CaseUnderReview,
    FabricKpi,
    NarrativeFigure,
    PlanEntry,
    Stakeholder,
)
from valuefabric.domain.model import compute, content_hash
from valuefabric.domain.packs import load_pack
from valuefabric.domain.packs.build import build_model

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "valuefabric" / "data" / "intellum_discovery"

NARRATIVE = {
    "summary": "Trained customers renew more often. Over three years the retention benefit is worth $10.0 million today.",
    "situation": "Customers never learn the product and leave; about 41,000 tickets a year are how-to questions.",
    "value": "Retention adds 10,041,989 USD and spending 6,675,324 USD, both at margin. The effects build on each other.",
    "assumptions": "In the pilot 51.1% of customers took a course. Benefits are discounted at 10% and reduced by 20%.",
    "risks": "One cohort, measured for nine months. There is no guarantee that the effect holds in every language.",
    "measurement": "The success team reports the lift every month.",
    "next_steps": "Approval by customer success and finance.",
}
FIGURES = (
    NarrativeFigure(section="summary", text="$10.0 million", cell="driver.retention.pv"),
    NarrativeFigure(
        section="situation", text="41,000 tickets a year", reference="call_notes.md", quotation="about 41,000 tickets a year"
    ),
    NarrativeFigure(section="value", text="10,041,989 USD", cell="driver.retention.pv"),
    NarrativeFigure(section="value", text="6,675,324 USD", cell="driver.spending.pv"),
    NarrativeFigure(section="assumptions", text="51.1%", cell="A3.y1"),
    NarrativeFigure(section="assumptions", text="10%", cell="convention.discount_rate"),
    NarrativeFigure(section="assumptions", text="20%", cell="Atr.risk_adjustment"),
    NarrativeFigure(section="risks", text="nine months", reference="call_notes.md", quotation="one cohort, nine months"),
)


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
