"""Mending the words of a case after a review, and nothing but its words."""

import uuid

import pytest

from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.job import ground_make
from tests.factories.valuefabric import case_make, customer_make
from tests.factories.workflows import definition_of, drive, started, step_of
from valuefabric.models import BusinessCase, IntegrityReview
from valuefabric.services.reviews import case_review

MEND = """
a: {kind: compute, function: case.mend, inputs: {case: "${inputs.case}", verdict: {review: "${inputs.review}"}}}
"""


@pytest.fixture
def case(in_acme: Tenant, seller: Actor) -> BusinessCase:
    """A case whose summary promises."""
    ground_make(in_acme)
    return case_make(customer_make(seller), seller)


def _mended(case: BusinessCase, review: IntegrityReview, seller: Actor) -> dict[str, list[str]]:
    definition = definition_of(MEND, inputs="{case: text, review: text}")
    run = drive(started(definition, actor=seller, case=str(case.public_id), review=str(review.public_id)))
    output: dict[str, list[str]] = step_of(run, "a").output
    return output


def test_words_are_mended_and_the_model_is_left_alone(case: BusinessCase, seller: Actor) -> None:
    review = case_review(case=case, actor=seller)
    words = {"key": "promise", "mend": {"operation": "replace", "path": "/narrative/summary", "reason": "it promises"}}
    before = case.sections["summary"]
    words["mend"] |= {"before": before, "after": f"{before} Nothing is guaranteed."}
    figures = {"key": "figure", "mend": {"operation": "replace", "path": "/document/rows/A1/values", "reason": "it is high"}}
    personal = {"key": "owner", "mend": {"operation": "replace", "path": "/narrative/risks", "reason": "who", "needs": "a name"}}
    common = {"principle": 1, "title": "T", "status": "failed", "severity": "major", "explanation": "E"}
    # A review is kept as it was written, so one with other findings is another row.
    review.pk, review.public_id, review._state.adding = None, uuid.uuid4(), True
    review.violations = [{**common, **each} for each in (words, figures, personal)]
    review.passed, review.stamp = False, None
    review.save()
    version = case.model_version_id
    assert _mended(case, review, seller) == {"applied": ["promise"], "left": ["figure", "owner"], "versions": [1, 2]}
    case.refresh_from_db()
    assert case.sections["summary"].endswith("Nothing is guaranteed.")
    assert case.model_version_id == version
    # A mend that was made for other words is not forced on these.
    assert _mended(case, review, seller)["applied"] == []
