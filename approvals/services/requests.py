"""Opening requests: what is at stake decides the mode, and the whole policy is copied into the request."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from approvals.actions import ApprovableAction, action_of
from approvals.chains import Chain
from approvals.clock import database_now
from approvals.hashes import arguments_hash, capabilities_hash
from approvals.models import LIVE, ApprovalPolicy, ApprovalRequest
from approvals.modes import Mode
from approvals.people import voters_here
from approvals.risk import Risk, choose
from approvals.sampling import is_sampled
from approvals.seating import require_possible
from approvals.selectors.standing import lapsed_vote
from approvals.services.attending import attention_put
from approvals.services.endings import EXPIRY, approval_void, request_end
from approvals.states import State
from approvals.summaries import Summary
from approvals.terms import Terms
from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.scheduler.duework import due_work_put


class ContentStale(ValueError):
    """A request was to be opened for content that has changed already; read the subject's hash anew and open again."""


def approval_request_open(  # noqa: PLR0913 -- what is asked has that many sides, each with a default
    *,
    action: str,
    subject: str,
    content_hash: str,
    requested_by: str,
    summary: Mapping[str, Any] | None = None,
    chain: Chain | None = None,
    arguments: Mapping[str, Any] | None = None,
    capabilities: Sequence[Any] = (),
    risk: Risk | None = None,
) -> ApprovalRequest:
    """Ask whether ``action`` may be done to ``subject`` as it is at ``content_hash``; a live request of that is returned.

    ``requested_by`` is the person on whose behalf it is asked: they cannot vote. ``summary``, ``chain`` and ``risk`` default to
    what the action shows, to the tenant's policy, and to what the action says is at stake. ``arguments`` and ``capabilities``
    (the rights that the deed may use) are bound by hash: the approval is good for these only. Live requests of the same subject
    for another content become void. On and over the loop the request comes back approved, by rule.
    Raises UnknownAction, ContentStale, ChainImpossible, and pydantic's ValidationError for a summary that is none.
    """
    asked = action_of(action)
    given, rights = dict(arguments or {}), list(capabilities)
    bound = arguments_hash(given)
    with transaction.atomic():
        if existing := _live(action, subject, content_hash, bound):
            return existing
        if (now := asked.current_hash(subject)) != content_hash:
            raise ContentStale(f"{subject} is at {now}, not at {content_hash}. Read it again, then ask.")
        approval_void(subject=subject, content_hash_now=content_hash, reason="A newer version was submitted.", actor=requested_by)
        request = _unsaved(asked, chain, risk or asked.risk_of(subject, given))
        request.subject, request.content_hash, request.arguments_hash = subject, content_hash, bound
        request.arguments, request.capabilities, request.capabilities_hash = given, rights, capabilities_hash(rights)
        request.summary = _shown(asked, subject, given, summary)
        request.requested_by = requested_by
        request.sampled = request.mode == Mode.OVER and is_sampled(request, Terms.model_validate(request.policy["terms"]))
        if request.mode != Mode.OVER:
            require_possible(request.asked, requested_by=requested_by, people=voters_here())
        return _opened(request)


def _live(action: str, subject: str, content_hash: str, bound: str) -> ApprovalRequest | None:
    rows = ApprovalRequest.objects.filter(LIVE, action=action, subject=subject)
    found = rows.filter(content_hash=content_hash, arguments_hash=bound).first()
    # An approval whose votes no longer stand can be used for nothing; left live, it would bar the way of another for ever.
    if found is not None and found.state == State.APPROVED and (lapsed := lapsed_vote(found)):
        locked = ApprovalRequest.objects.select_for_update().get(pk=found.pk)
        if locked.state == State.APPROVED and locked.applied_at is None:
            request_end(locked, State.VOID, reason=lapsed, actor=SYSTEM)
        return None
    return found


def _unsaved(action: ApprovableAction, chain: Chain | None, risk: Risk) -> ApprovalRequest:
    policy = None if chain else ApprovalPolicy.objects.filter(action=action.key).first()
    terms = policy.terms if policy else Terms(chain=chain or action.default_chain)
    revertible = action.revert is not None
    chosen = choose(mode=terms.mode, chain=terms.chain, rules=terms.rules, risk=risk, revertible=revertible)
    now = database_now()
    return ApprovalRequest(
        action=action.key,
        chain=chosen.chain.model_dump(mode="json"),
        policy={
            "version": policy.version if policy else None,
            "set_by": policy.updated_by if policy else None,
            "terms": terms.model_dump(mode="json"),
            "rule": chosen.rule,
            "why": chosen.why,
        },
        policy_version=policy.version if policy else None,
        mode=chosen.mode,
        risk=risk.model_dump(mode="json"),
        waiting_for=chosen.chain.stages[0].asked,
        requested_at=now,
        stage_since=now,
        expires_at=now + timedelta(hours=terms.valid_for_hours),
        object_until=now + timedelta(hours=terms.object_within_hours) if chosen.mode == Mode.ON else None,
    )


def _shown(
    action: ApprovableAction, subject: str, arguments: Mapping[str, Any], summary: Mapping[str, Any] | None
) -> dict[str, Any]:
    shown = action.summary(subject, arguments) if summary is None else summary
    return Summary.model_validate(dict(shown)).model_dump(mode="json")


def _opened(request: ApprovalRequest) -> ApprovalRequest:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        # Somebody opened the same at the same moment and has committed; anything else that was violated is an error.
        if existing := _live(request.action, request.subject, request.content_hash, request.arguments_hash):
            return existing
        raise
    _tell(request)
    if request.mode == Mode.IN:
        due_work_put(kind=EXPIRY, reference=str(request.public_id), due_at=request.expires_at)
        attention_put(request)
    else:
        reason = f"Approved by rule; nobody has voted. {request.policy['why']}"
        request_end(request, State.APPROVED, reason=reason, actor=SYSTEM)
    return request


def _tell(request: ApprovalRequest) -> None:
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "content_hash": request.content_hash,
        "requested_by": request.requested_by,
    }
    event_emit(topic="approval.requested", aggregate=request.reference, data=data, actor=request.requested_by)
    detail = {
        **data,
        "arguments_hash": request.arguments_hash,
        "capabilities_hash": request.capabilities_hash,
        "mode": request.mode,
        "risk": request.risk,
        "chain": request.chain,
        "policy_version": request.policy_version,
    }
    audit_record(actor=request.requested_by, action="approval.requested", subject=request.reference, detail=detail)
