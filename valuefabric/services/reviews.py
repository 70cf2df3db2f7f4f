"""The manifesto's verdict on a case: a signed stamp, or quarantine with the violations and their mends."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from approvals.services import approval_void
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.manifesto import Mend, MendError, Review, apply_mend, review_case
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.stamps import stamp_review
from valuefabric.governance.selectors import rule_set_active
from valuefabric.models import BusinessCase, IntegrityReview
from valuefabric.models.states import CASES, CaseState, transition
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.reviews import case_under_review
from valuefabric.selectors.stamps import stamp_private_key
from valuefabric.services.case_drafts import CaseDraft, case_columns
from valuefabric.services.cases import case_change
from valuefabric.services.records import record, require_access, row_save
from valuefabric.services.value_models import model_save
from valuefabric.topics import CaseStamped, ViolationDetected

_REVIEWABLE = (CaseState.DRAFT, CaseState.QUARANTINED, CaseState.STAMPED)


class ReviewStale(ValueError):
    """The case has changed since it was reviewed; review it again."""


class ReviewRefused(ValueError):
    """The case is not one that can be reviewed: committed, superseded or withdrawn."""


def case_review(*, case: BusinessCase, actor: Actor, process: str = "") -> IntegrityReview:
    """Hold the case against the active rule set and record the result. Raises what ``case_review_record`` raises."""
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    review = review_case(case_under_review(case), rule_set_active())
    return case_review_record(case=case, review=review, actor=actor, process=process)


def case_review_record(*, case: BusinessCase, review: Review, actor: Actor, process: str = "") -> IntegrityReview:
    """Record a review of the case's present content: passed, it is stamped; failed, quarantined.

    A case that is quarantined after approval was asked for voids those requests. Raises ReviewStale, ReviewRefused.
    """
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    with transaction.atomic():
        locked = BusinessCase.objects.select_for_update().get(pk=case.pk)
        if locked.state not in _REVIEWABLE:
            raise ReviewRefused(f"A case that is {locked.state} is not reviewed any more.")
        if case_hash(locked) != review.content_hash:
            raise ReviewStale("The case has changed since it was reviewed. Review it again.")
        to = CaseState.STAMPED if review.passed else CaseState.QUARANTINED
        if locked.state != to:
            locked.state = transition(CASES, CaseState(locked.state), to)
            row_save(locked, actor=actor, reason=f"rule set {review.rule_set_version}", fields=["state"])
        row = _keep(locked, review, actor)
        _tell(locked, review, actor, process)
    case.state = locked.state
    return row


def mend_apply(*, case: BusinessCase, mend: Mend, actor: Actor, process: str = "") -> BusinessCase:
    """Apply a proposed mend: to the model (a new version, which the case follows) or to the case's own words.

    Raises MendError where the value is no longer what the mend was made for or a person must fill something in first, and
    what saving a model raises.
    """
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    with transaction.atomic():
        locked = BusinessCase.objects.select_for_update().get(pk=case.pk)
        before = case_under_review(locked)
        plain = before.model_dump(mode="json", exclude={"computation", "scenarios", "evidence", "fabric_kpis"})
        after = apply_mend(plain, mend)
        reason = f"Mended: {mend.reason}"
        if mend.path.startswith("/document/"):
            document = ModelDocument.model_validate(after["document"])
            model_save(
                customer=locked.customer,
                document=document,
                reason=reason,
                actor=actor,
                model=locked.model_version.model,
                process=process,
            )
            locked.refresh_from_db()
            return locked
        return case_change(
            case=locked,
            columns=case_columns(_draft(after, locked, mend)),
            model_version=locked.model_version,
            reason=reason,
            actor=actor,
            process=process,
        )


def _draft(after: dict[str, object], case: BusinessCase, mend: Mend) -> CaseDraft:
    known = {name: after[name] for name in CaseDraft.model_fields if name in after}
    if mend.path.strip("/").split("/")[0] not in {*known, "owner"}:
        raise MendError(f"{mend.path}: this cannot be mended in the case; change it where it comes from.")
    owner = after["owner"] if mend.path == "/owner" else case.outcome_owner
    # Stored figures and plans are plain JSON, and so is what the mend changed.
    return CaseDraft.model_validate({**known, "outcome_owner": owner})


def _keep(case: BusinessCase, review: Review, actor: Actor) -> IntegrityReview:
    now = timezone.now()
    return IntegrityReview.objects.create(
        case=case,
        case_version=case.version,
        content_hash=review.content_hash,
        rule_set_version=review.rule_set_version,
        rule_set_hash=review.rule_set_hash,
        results=[result.model_dump(mode="json") for result in review.results],
        violations=[result.model_dump(mode="json") for result in review.violations],
        passed=review.passed,
        stamp=_stamp(review, now) if review.passed else None,
        reviewed_by=actor.identifier,
        reviewed_at=now,
    )


def _stamp(review: Review, at: datetime) -> dict[str, object]:
    stamp = stamp_review(review, private_key=stamp_private_key(), at=at)
    plain: dict[str, object] = stamp.model_dump(mode="json")
    return plain


def _tell(case: BusinessCase, review: Review, actor: Actor, process: str) -> None:
    about = {
        "customer": str(case.customer.public_id),
        "case": str(case.public_id),
        "content_hash": review.content_hash,
        "rule_set_hash": review.rule_set_hash,
    }
    if review.passed:
        record(topic="value.case.stamped", row=case, payload=CaseStamped(**about), actor=actor, process=process)
        return
    violations = list(dict.fromkeys(result.key for result in review.violations))
    payload = ViolationDetected(**about, violations=violations)
    record(topic="manifesto.violation.detected", row=case, payload=payload, actor=actor, process=process)
    approval_void(
        subject=case.reference, content_hash_now="", reason="The case was quarantined by a review.", actor=actor.identifier
    )
