"""Customers, evidence, models and cases, made through the services. The published case is the one of the discovery files."""

from functools import lru_cache
from pathlib import Path

from approvals.models import ApprovalRequest
from approvals.services import approval_vote
from tenants.actors import Actor
from tenants.models import User
from tests.factories.narratives import FIGURES, NARRATIVE
from valuefabric.domain.discovery import Discovery, EvidenceItem, discover
from valuefabric.domain.evidence import read_document
from valuefabric.domain.manifesto import STANDARD_SECTIONS, AiLabel, PlanEntry, Stakeholder
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.packs import Pack, load_pack
from valuefabric.domain.packs.build import build_model
from valuefabric.models import BusinessCase, Commitment, Customer, Evidence, ModelVersion
from valuefabric.services.case_drafts import CaseDraft
from valuefabric.services.cases import case_draft
from valuefabric.services.commitments import case_commit, case_submit
from valuefabric.services.customers import customer_create
from valuefabric.services.evidence import evidence_add
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import model_save
from valuefabric.services.value_tree import (
    CapabilityDraft,
    ImpactDraft,
    KpiDraft,
    ObjectiveDraft,
    OutcomeDraft,
    ValueTreeDraft,
    value_tree_record,
)

ROOT = Path(__file__).parents[2]
DISCOVERY = ROOT / "tests" / "valuefabric" / "data" / "intellum_discovery"
DOCUMENTS = ("call_notes.md", "crm_record.json", "drivers.csv")


def customer_make(actor: Actor, *, owner: User | None = None, name: str = "Composite organization") -> Customer:
    """A customer in its first stage."""
    return customer_create(actor=actor, owner=owner, name=name, industry="Software publishers", naics="5132", country="US")


def evidence_make(customer: Customer, actor: Actor) -> dict[str, Evidence]:
    """The seller's three documents, by file name."""
    return {
        name: evidence_add(customer=customer, filename=name, content=(DISCOVERY / name).read_bytes(), actor=actor)
        for name in DOCUMENTS
    }


@lru_cache
def education_pack() -> Pack:
    """The customer education pack."""
    return load_pack((ROOT / "valuefabric" / "packs" / "customer_education.yaml").read_text(encoding="utf-8"))


@lru_cache
def discovered() -> Discovery:
    """What the three documents say; evidence is referred to by file name."""
    items = [EvidenceItem(name, read_document(name, (DISCOVERY / name).read_bytes())) for name in DOCUMENTS]
    return discover(items, education_pack())


@lru_cache
def published_document() -> ModelDocument:
    """The published case's model, as built from the documents."""
    return build_model(education_pack(), discovered())


def tree_draft() -> ValueTreeDraft:
    """The pack's KPIs as a value tree with one branch a driver."""
    pack = education_pack()
    shown = {driver.kpi: driver for driver in pack.drivers}
    outcomes = tuple(
        OutcomeDraft(key=f"outcome-{key}", title=kpi.label, kpis=(_kpi(key, shown.get(key)),)) for key, kpi in pack.kpis.items()
    )
    capability = CapabilityDraft(key="academy", title="An academy that is open to customers", outcomes=outcomes)
    return ValueTreeDraft(objectives=(ObjectiveDraft(key="keep", title="Keep the customers won", capabilities=(capability,)),))


def _kpi(key: str, driver: object) -> KpiDraft:
    kpi = education_pack().kpis[key]
    spec = next((d for d in education_pack().drivers if d is driver), None)
    impacts = (
        (
            ImpactDraft(
                key=f"impact-{spec.key}", title=spec.tree.impact, impact=spec.impact, driver_key=spec.key, counted=spec.counted
            ),
        )
        if spec
        else ()
    )
    return KpiDraft(
        key=key,
        title=kpi.label,
        unit=kpi.unit,
        formula=kpi.formula,
        model_row=(kpi.row or "") if kpi.input is None else "",
        source_system=kpi.plan.source_system,
        cadence=kpi.plan.cadence,
        measured_by=kpi.plan.owner,
        impacts=impacts,
    )


def model_make(customer: Customer, actor: Actor) -> ModelVersion:
    """The published model, saved; the customer has the evidence it cites."""
    evidence_make(customer, actor)
    return model_save(customer=customer, document=published_document(), reason="built from evidence", actor=actor)


def honest_draft(**changes: object) -> CaseDraft:
    """A draft that passes every rule of the manifesto, unless ``changes`` break one."""
    found, pack = discovered(), education_pack()
    values: dict[str, object] = {
        "title": "Customer education",
        "outcome_owner": "Chief Customer Officer",
        "stakeholders": tuple(
            Stakeholder(name=person.title, function=person.function) for person in found.personas if person.side == "customer"
        ),
        "narrative": NARRATIVE,
        "narrative_figures": FIGURES,
        "measurement_plan": {key: PlanEntry(**kpi.plan.model_dump()) for key, kpi in pack.kpis.items()},
        "ai_labels": tuple(
            AiLabel(part=part, method="deterministic", agent="target@1.0.0") for part in ("model", *STANDARD_SECTIONS)
        ),
        "uncertainties": ("The lift in retention comes from one cohort.",),
        "exclusions": ("Support questions that courses answer",),
        "forbidden": tuple(sentence.phrase for sentence in found.forbidden),
    }
    return CaseDraft.model_validate({**values, **changes})


def case_make(customer: Customer, actor: Actor, **changes: object) -> BusinessCase:
    """A drafted case on the published model, with the value tree that it refers to."""
    version = model_make(customer, actor)
    value_tree_record(customer=customer, draft=tree_draft(), actor=actor)
    return case_draft(customer=customer, model_version=version, draft=honest_draft(**changes), actor=actor)


def stamped_case(customer: Customer, actor: Actor) -> BusinessCase:
    """A case that passed review."""
    case = case_make(customer, actor)
    review = case_review(case=case, actor=actor)
    assert review.passed, [v["explanation"] for v in review.violations]
    return case


def approved(case: BusinessCase, actor: Actor, voters: tuple[Actor, ...]) -> ApprovalRequest:
    """An approval of the case as it is now, by these voters in order."""
    request = case_submit(case=case, actor=actor)
    for voter in voters:
        request = approval_vote(request=request, voter=voter, decision="approve", content_hash=request.content_hash)
    return request


def committed_case(customer: Customer, actor: Actor, voters: tuple[Actor, ...]) -> Commitment:
    """A commitment of the published case."""
    case = stamped_case(customer, actor)
    return case_commit(case=case, approval=approved(case, actor, voters), actor=actor)
