"""Commitments: asking for approval, committing exactly what was approved, and reversing it."""

from calendar import monthrange
from datetime import date

from django.db import transaction
from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.services import ApprovalUnusable, approval_request_open, approval_use
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.realization.telemetry import term_months
from valuefabric.models import BusinessCase, Commitment, ValueModel
from valuefabric.models.states import CASES, CaseState, Stage, transition
from valuefabric.selectors.approval import CASE_COMMIT
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.stamps import NotStamped, require_stamp
from valuefabric.services.customers import customer_stage_move
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import CaseCommitted, CommitmentReversed

__all__ = ["NotStamped", "case_commit", "case_submit", "commitment_reverse"]


def case_submit(*, case: BusinessCase, actor: Actor) -> ApprovalRequest:
    """Ask for approval of the case as it is now. Raises NotStamped, and ChainImpossible where nobody could approve it."""
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    current = BusinessCase.objects.get(pk=case.pk)
    require_stamp(current)
    return approval_request_open(
        action=CASE_COMMIT, subject=current.reference, content_hash=case_hash(current), requested_by=actor.identifier
    )


def case_commit(
    *,
    case: BusinessCase,
    approval: ApprovalRequest,
    actor: Actor,
    starts_on: date | None = None,
    supersedes: BusinessCase | None = None,
    process: str = "",
) -> Commitment:
    """Make the case a commitment: exactly what was approved, once, and stamped. Locks its model and moves the customer on.

    ``starts_on`` is the first day of the model's first year; without it, the first of the next month. Committing again with
    the approval that did it returns the commitment. Raises ApprovalUnusable, NotStamped, IllegalTransition; nothing changed then.
    """
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    with transaction.atomic():
        locked = BusinessCase.objects.select_for_update().get(pk=case.pk)
        if made := _made_already(locked, approval):
            return made
        _require_same(locked, approval)
        require_stamp(locked)
        approval_use(request=approval, actor=actor.identifier)
        locked.state = transition(CASES, CaseState(locked.state), CaseState.COMMITTED)
        row_save(locked, actor=actor, reason="approved", fields=["state"])
        commitment = _commitment(locked, approval, starts_on or _next_month(timezone.localdate()), actor)
        _lock_model(locked, actor)
        if supersedes is not None:
            _supersede(supersedes, locked, actor)
        _move_on(locked, actor, process)
        _tell(commitment, actor, process)
    return commitment


def commitment_reverse(*, commitment: Commitment, reason: str, actor: Actor, process: str = "") -> Commitment:
    """Take a commitment back (compensation): the case is stamped again, its model open. Reversing it again changes nothing."""
    require_access(actor, Permission.MODEL_EDIT, commitment.customer)
    with transaction.atomic():
        case = BusinessCase.objects.select_for_update().get(pk=commitment.case_id)
        locked = Commitment.objects.select_for_update().get(pk=commitment.pk)
        if locked.reversed_at:
            return locked
        locked.reversed_at, locked.reversed_by, locked.reversed_reason = timezone.now(), actor.identifier, reason
        row_save(locked, actor=actor, fields=["reversed_at", "reversed_by", "reversed_reason"])
        case.state = transition(CASES, CaseState(case.state), CaseState.STAMPED)
        row_save(case, actor=actor, reason=f"commitment reversed: {reason}", fields=["state"])
        _unlock_model(case)
        _move_back(case, actor, process)
        payload = CommitmentReversed(
            customer=str(case.customer.public_id),
            case=str(case.public_id),
            commitment=str(locked.public_id),
            reason=reason,
        )
        record(topic="value.commitment.reversed", row=case, payload=payload, actor=actor, process=process)
    return locked


def _made_already(case: BusinessCase, approval: ApprovalRequest) -> Commitment | None:
    return Commitment.objects.filter(case=case, approval_request=approval.public_id, reversed_at=None).first()


def _require_same(case: BusinessCase, approval: ApprovalRequest) -> None:
    if approval.action != CASE_COMMIT or approval.subject != case.reference:
        raise ApprovalUnusable("That approval is about something else. Ask for one for this case.")
    if (now := case_hash(case)) != approval.content_hash:
        raise ApprovalUnusable(f"What was approved is {approval.content_hash}, the case is {now} by now. Ask again.")


def _commitment(case: BusinessCase, approval: ApprovalRequest, starts_on: date, actor: Actor) -> Commitment:
    document = document_of(case.model_version)
    return Commitment.objects.create(
        customer=case.customer,
        case=case,
        model_version=case.model_version,
        content_hash=case.content_hash,
        approval_request=approval.public_id,
        measures=case.model_version.measures,
        committed_by=actor.identifier,
        starts_on=starts_on,
        ends_on=_months_later(starts_on, term_months(document)),
    )


def _lock_model(case: BusinessCase, actor: Actor) -> None:
    model = ValueModel.objects.select_for_update().get(pk=case.model_version.model_id)
    if model.locked_at is None:
        model.locked_at = timezone.now()
        row_save(model, actor=actor, fields=["locked_at"])


def _unlock_model(case: BusinessCase) -> None:
    """Open the model again, unless another case's commitment stands on it."""
    model = case.model_version.model_id
    if not Commitment.objects.filter(model_version__model=model, reversed_at=None).exists():
        ValueModel.objects.filter(pk=model).update(locked_at=None)


def _supersede(former: BusinessCase, by: BusinessCase, actor: Actor) -> None:
    locked = BusinessCase.objects.select_for_update().get(pk=former.pk, customer=by.customer)
    locked.state = transition(CASES, CaseState(locked.state), CaseState.SUPERSEDED)
    row_save(locked, actor=actor, reason=f"superseded by {by.reference}", fields=["state"])


def _move_on(case: BusinessCase, actor: Actor, process: str) -> None:
    case.customer.refresh_from_db(fields=["stage"])
    if case.customer.stage in (Stage.TARGET, Stage.EXPANSION):
        customer_stage_move(customer=case.customer, to=Stage.REALIZATION, actor=actor, process=process)


def _move_back(case: BusinessCase, actor: Actor, process: str) -> None:
    case.customer.refresh_from_db(fields=["stage"])
    stands = case.customer.commitments.filter(reversed_at=None).exists()
    if case.customer.stage == Stage.REALIZATION and not stands:
        customer_stage_move(customer=case.customer, to=Stage.TARGET, actor=actor, process=process)


def _tell(commitment: Commitment, actor: Actor, process: str) -> None:
    case = commitment.case
    payload = CaseCommitted(
        customer=str(case.customer.public_id),
        case=str(case.public_id),
        commitment=str(commitment.public_id),
        content_hash=commitment.content_hash,
    )
    detail = {"approval": str(commitment.approval_request), "starts_on": commitment.starts_on, "ends_on": commitment.ends_on}
    record(topic="value.case.committed", row=case, payload=payload, actor=actor, process=process, detail=detail)


def _next_month(day: date) -> date:
    return _months_later(day.replace(day=1), 1)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + year, month + 1)[1]
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, last))
