"""A case as the manifesto's rules look at it, assembled from the database."""

from collections.abc import Mapping

from valuefabric.domain.manifesto import AiLabel, CaseUnderReview, FabricKpi, NarrativeFigure, PlanEntry, Stakeholder
from valuefabric.domain.model import compute
from valuefabric.models import BusinessCase, Customer
from valuefabric.models.states import CaseState
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.conservative_gate import exempted, exemptions_standing
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.evidence import evidence_by_reference


def case_under_review(case: BusinessCase) -> CaseUnderReview:
    """Everything the rules may need, with the hash recomputed from the rows, and low and high computed as well."""
    document = document_of(case.model_version)
    return CaseUnderReview(
        title=case.title,
        stage=stage_of(case),
        owner=case.outcome_owner or str(case.owner or ""),
        stakeholders=tuple(Stakeholder.model_validate(one) for one in case.stakeholders),
        narrative=case.sections,
        narrative_figures=tuple(NarrativeFigure.model_validate(one) for one in case.narrative_figures),
        document=document,
        computation=compute(document),
        scenarios={"low": compute(document, scenario="low"), "high": compute(document, scenario="high")},
        fabric_kpis=fabric_kpis(case.customer),
        measurement_plan={key: PlanEntry.model_validate(entry) for key, entry in case.measurement_plan.items()},
        ai_labels=tuple(AiLabel.model_validate(label) for label in case.ai_labels),
        version=case.version,
        previous_hash=case.previous_hash,
        evidence={name: row.text for name, row in evidence_by_reference(case.customer).items()},
        uncertainties=tuple(case.uncertainties),
        exclusions=tuple(case.exclusions),
        forbidden=tuple(case.forbidden),
        exemptions=tuple(exempted(row) for row in exemptions_standing(case.model_version.model)),
        content_hash=case_hash(case),
    )


def fabric_kpis(customer: Customer) -> Mapping[str, FabricKpi]:
    """The KPIs of the customer's value tree, as the one value language defines them."""
    rows = customer.kpis.filter(withdrawn_at=None)
    return {kpi.key: FabricKpi(unit=kpi.unit, formula=kpi.formula, row=kpi.model_row or None) for kpi in rows}


def stage_of(case: BusinessCase) -> str:
    """The manifesto's word for where the case stands."""
    return "commitment" if case.state in (CaseState.COMMITTED, CaseState.SUPERSEDED) else "target"
