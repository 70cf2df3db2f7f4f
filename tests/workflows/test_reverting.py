"""Rolling back a run that edited what was there before it: the former version is current again, and the history is whole."""

import uuid
from typing import Any

import pytest

from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.job import ground_make
from tests.factories.valuefabric import case_make, customer_make
from tests.factories.workflows import definition_of, drive, started
from valuefabric.models import BusinessCase, Capability, FinancialImpact, IntegrityReview, Kpi, Objective, Outcome
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.overview import standings
from valuefabric.services.cases import case_change
from valuefabric.services.reviews import case_review
from workflows.models import Execution
from workflows.services import execution_roll_back

MEND = definition_of(
    'a: {kind: compute, function: case.mend, inputs: {case: "${inputs.case}", verdict: {review: "${inputs.review}"}}}',
    inputs="{case: text, review: text}",
)
TARGET = definition_of(
    'a: {kind: agent, agent: target, inputs: {customer: "${inputs.customer}", pack: customer_education}}',
    inputs="{customer: text}",
)


@pytest.fixture
def case(in_acme: Tenant, seller: Actor) -> BusinessCase:
    """A case that was there before any run."""
    ground_make(in_acme)
    return case_make(customer_make(seller), seller)


def _mended(case: BusinessCase, seller: Actor) -> Execution:
    """A run that has added a sentence to its summary."""
    summary = case.sections["summary"]
    mend = {
        "operation": "replace",
        "path": "/narrative/summary",
        "reason": "shorter",
        "before": summary,
        "after": f"{summary} So.",
    }
    review: IntegrityReview = case_review(case=case, actor=seller)
    review.pk, review.public_id, review._state.adding = None, uuid.uuid4(), True
    review.violations = [
        {"key": "k", "principle": 1, "title": "T", "status": "failed", "severity": "major", "explanation": "E", "mend": mend}
    ]
    review.passed, review.stamp = False, None
    review.save()
    run = drive(started(MEND, actor=seller, case=str(case.public_id), review=str(review.public_id)))
    case.refresh_from_db()
    assert (case.version, case.sections["summary"]) == (2, f"{summary} So.")
    return run


def _rolled_back(run: Execution, seller: Actor) -> None:
    execution_roll_back(execution=run, reason="Not like this.", actor=seller)
    assert drive(run).state == "rolled_back"


def test_words_of_a_case_that_a_run_mended_are_the_former_ones_again(case: BusinessCase, seller: Actor) -> None:
    before = case.narrative
    _rolled_back(_mended(case, seller), seller)
    case.refresh_from_db()
    assert (case.version, case.narrative, case.content_hash) == (3, before, case_hash(case))
    kept = {version.number: version.narrative for version in case.versions.all()}
    assert sorted(kept) == [1, 2, 3]
    assert kept[1] == kept[3] != kept[2]  # what was mended stays in the history


def test_words_that_somebody_wrote_after_the_run_stay(case: BusinessCase, seller: Actor) -> None:
    run = _mended(case, seller)
    case_change(case=case, columns={"title": "Mine"}, model_version=case.model_version, reason="retitled", actor=seller)
    _rolled_back(run, seller)
    case.refresh_from_db()
    assert (case.version, case.title, case.sections["summary"].endswith(" So.")) == (3, "Mine", True)


def _tree(case: BusinessCase) -> dict[str, Any]:
    """What the nodes say, but for their versions and times."""
    tables: list[Any] = [Objective, Capability, Outcome, Kpi, FinancialImpact]
    rows = [row for table in tables for row in table.objects.filter(customer=case.customer, withdrawn_at=None).values()]
    return {f"{row['public_id']}": {k: v for k, v in row.items() if k not in {"version", "updated_at"}} for row in rows}


def test_model_case_and_tree_of_before_a_run_are_current_again(case: BusinessCase, seller: Actor) -> None:
    tree, model, content = _tree(case), case.model_version.model, case.content_hash
    run = drive(started(TARGET, actor=seller, subject=case.customer.reference, customer=str(case.customer.public_id)))
    assert run.state == "completed", [step.error for step in run.steps.all()]
    assert standings([case.customer])[0].case != case
    assert _tree(case) != tree
    _rolled_back(run, seller)
    standing = standings([case.customer])[0].case
    assert standing is not None
    assert (standing.pk, standing.content_hash) == (case.pk, content)
    assert case.customer.value_models.filter(withdrawn_at=None).latest("id") == model
    assert _tree(case) == tree
    # Nothing was deleted: what the run made is there, withdrawn.
    assert (case.customer.cases.count(), case.customer.value_models.count()) == (2, 2)
