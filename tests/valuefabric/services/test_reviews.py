import pytest
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import NARRATIVE, approved, case_make, honest_draft
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.manifesto import Mend, MendError, review_case
from valuefabric.domain.stamps import Stamp, verify_stamp
from valuefabric.models import BusinessCase, Customer, IntegrityReview
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.reviews import case_under_review
from valuefabric.selectors.stamps import stamp_of, stamp_public_key
from valuefabric.services.cases import case_draft
from valuefabric.services.commitments import case_commit, case_submit
from valuefabric.services.reviews import ReviewRefused, ReviewStale, case_review, case_review_record, mend_apply

pytestmark = pytest.mark.usefixtures("in_acme")

PROMISE = {**NARRATIVE, "risks": "We guarantee that the effect holds."}


@pytest.fixture(scope="module")
def case(acme: Tenant, kept_customer: Customer, seller: Actor) -> BusinessCase:
    """A drafted case."""
    with tenant_context(acme):
        return case_make(kept_customer, seller)


def test_honest_case_is_stamped_over_its_hash_and_its_rules(case: BusinessCase, seller: Actor) -> None:
    review = case_review(case=case, actor=seller)

    now = BusinessCase.objects.get(pk=case.pk)
    assert (now.state, review.passed, review.violations) == ("stamped", True, [])
    stamp = stamp_of(now)
    assert stamp is not None
    assert (stamp.content_hash, stamp.rule_set_hash) == (case_hash(now), review.rule_set_hash)
    assert verify_stamp(stamp_public_key(), stamp)
    assert OutboxEvent.objects.get(topic="value.case.stamped").data["content_hash"] == now.content_hash


def test_broken_rule_quarantines_with_violation_and_event(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    broken = honest_draft(narrative=PROMISE, narrative_figures=honest_draft().narrative_figures[:-1])
    case = case_draft(customer=customer, model_version=case.model_version, draft=broken, actor=seller, case=case)

    review = case_review(case=case, actor=seller)

    assert (case.state, review.passed, review.stamp) == ("quarantined", False, None)
    assert "no_guarantees" in [violation["key"] for violation in review.violations]
    event = OutboxEvent.objects.get(topic="manifesto.violation.detected")
    assert (event.aggregate, event.data["content_hash"]) == (case.reference, case.content_hash)
    assert "no_guarantees" in event.data["violations"]
    assert not OutboxEvent.objects.filter(topic="value.case.stamped").exists()


def test_stamp_changed_in_one_result_does_not_verify(case: BusinessCase, seller: Actor) -> None:
    case_review(case=case, actor=seller)
    stamp = stamp_of(BusinessCase.objects.get(pk=case.pk))
    assert stamp is not None
    forged = stamp.model_dump(mode="json")
    forged["content_hash"] = "sha256:" + "0" * 64

    assert not verify_stamp(stamp_public_key(), Stamp.model_validate(forged))


def test_review_of_a_case_that_changed_meanwhile_is_refused(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    review = review_case(case_under_review(case))
    case_draft(customer=customer, model_version=case.model_version, draft=honest_draft(title="Other"), actor=seller, case=case)

    with pytest.raises(ReviewStale, match="Review it again"):
        case_review_record(case=case, review=review, actor=seller)

    assert IntegrityReview.objects.count() == 0
    assert BusinessCase.objects.get().state == "draft"


def test_committed_case_is_not_reviewed_any_more(case: BusinessCase, seller: Actor, voters: tuple[Actor, Actor]) -> None:
    case_review(case=case, actor=seller)
    case_commit(case=case, approval=approved(case, seller, voters), actor=seller)

    with pytest.raises(ReviewRefused, match="committed"):
        case_review(case=case, actor=seller)


def test_case_quarantined_after_it_was_submitted_voids_the_request(case: BusinessCase, seller: Actor) -> None:
    case_review(case=case, actor=seller)
    request = case_submit(case=case, actor=seller)
    review = review_case(case_under_review(BusinessCase.objects.get(pk=case.pk)))
    failed = review.model_copy(
        update={"results": (review.results[0].model_copy(update={"status": "failed"}), *review.results[1:])}
    )

    case_review_record(case=case, review=failed, actor=seller)

    assert BusinessCase.objects.get(pk=case.pk).state == "quarantined"
    assert ApprovalRequest.objects.get(pk=request.pk).state == "void"


def test_mend_of_words_makes_the_next_version(case: BusinessCase, customer: Customer, seller: Actor) -> None:
    promising = honest_draft(narrative=PROMISE)
    case = case_draft(customer=customer, model_version=case.model_version, draft=promising, actor=seller, case=case)
    mend = Mend(
        operation="replace", path="/narrative/risks", before=PROMISE["risks"], after=NARRATIVE["risks"], reason="honest wording"
    )

    mended = mend_apply(case=case, mend=mend, actor=seller)

    assert (mended.version, mended.state, mended.sections) == (3, "draft", NARRATIVE)
    assert case_review(case=mended, actor=seller).passed


def test_mend_of_the_model_makes_a_model_version_which_the_case_follows(case: BusinessCase, seller: Actor) -> None:
    mend = Mend(
        operation="replace", path="/document/rows/A4/confidence", before="medium", after="low", reason="encouraging, not proven"
    )

    mended = mend_apply(case=case, mend=mend, actor=seller)

    assert (mended.version, mended.model_version.number) == (2, 2)
    assert mended.model_version.reason == "Mended: encouraging, not proven"


@pytest.mark.parametrize(
    "mend",
    [
        Mend(operation="replace", path="/narrative/risks", before="something else", after="x", reason="stale"),
        Mend(operation="replace", path="/owner", before="", after="", reason="who", needs="a name"),
        Mend(operation="replace", path="/content_hash", before="x", after="y", reason="forged"),
        Mend(operation="replace", path="/version", before=1, after=7, reason="forged"),
    ],
    ids=["stale", "to be filled in", "hash", "version"],
)
def test_mend_that_does_not_fit_is_refused(case: BusinessCase, seller: Actor, mend: Mend) -> None:
    if mend.path == "/content_hash":
        mend = mend.model_copy(update={"before": case.content_hash})

    with pytest.raises(MendError):
        mend_apply(case=case, mend=mend, actor=seller)

    assert BusinessCase.objects.get(pk=case.pk).version == 1
