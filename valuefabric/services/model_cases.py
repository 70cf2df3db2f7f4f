"""The business case of a model that people built by hand: drafted from the model alone."""

from tenants.actors import Actor
from valuefabric.domain.model import compute
from valuefabric.domain.narrative import plain_story
from valuefabric.models import BusinessCase, ModelVersion
from valuefabric.selectors.cases import case_current
from valuefabric.selectors.documents import document_of
from valuefabric.services.case_drafts import CaseDraft
from valuefabric.services.cases import case_draft


def model_case_draft(*, version: ModelVersion, actor: Actor) -> BusinessCase:
    """Draft the case of this version; where the customer has an open case on the same model, that one follows anyway and is
    returned. Raises PermissionDenied, CaseMismatch, IllegalTransition."""
    customer = version.model.customer
    standing = case_current(customer)
    if standing is not None and standing.model_version.model_id == version.model_id:
        return standing
    document = document_of(version)
    scenarios = {"low": compute(document, scenario="low"), "high": compute(document, scenario="high")}
    story = plain_story(document, compute(document), scenarios)
    draft = CaseDraft(
        title=f"{document.title}: the business case for {customer.name}"[:300],
        narrative=story.sections,
        narrative_figures=tuple(story.figures),
        exclusions=tuple(f"{driver.label}. {driver.note}".strip() for driver in document.drivers if not driver.counted),
        uncertainties=tuple(
            f"{row.label}: {row.confidence} confidence."
            for row in document.rows
            if row.values is not None and row.confidence in ("low", "medium")
        ),
    )
    return case_draft(customer=customer, model_version=version, draft=draft, actor=actor, reason="drafted from the model")
