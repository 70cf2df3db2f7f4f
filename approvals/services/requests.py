"""Opening requests."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.actions import ApprovableAction, action_of
from approvals.chains import Chain, require_possible
from approvals.hashes import arguments_hash, capabilities_hash
from approvals.models import LIVE, ApprovalPolicy, ApprovalRequest
from approvals.people import voters_here
from approvals.services.endings import EXPIRY, approval_void
from approvals.summaries import Summary
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.scheduler.duework import due_work_put

VALID_FOR_HOURS = 14 * 24


class ContentStale(ValueError):
    """A request was to be opened for content that has changed already; read the subject's hash anew and open again."""


def approval_request_open(
    *,
    action: str,
    subject: str,
    content_hash: str,
    requested_by: str,
    summary: Mapping[str, Any] | None = None,
    chain: Chain | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> ApprovalRequest:
    """Ask whether ``action`` may be done to ``subject`` as it is at ``content_hash``; a live request of that is returned.

    ``requested_by`` is the person on whose behalf it is asked: they cannot vote. ``summary`` and ``chain`` default to what the
    action shows and to the tenant's policy. ``arguments`` are bound by hash: the approval is good for these only. Live
    requests of the same subject for another content become void.
    Raises UnknownAction, ContentStale, ChainImpossible, and pydantic's ValidationError for a summary that is none.
    """
    asked = action_of(action)
    bound = arguments_hash(arguments or {})
    with transaction.atomic():
        if existing := _live(action, subject, content_hash, bound):
            return existing
        if (now := asked.current_hash(subject)) != content_hash:
            raise ContentStale(f"{subject} is at {now}, not at {content_hash}. Read it again, then ask.")
        approval_void(subject=subject, content_hash_now=content_hash, reason="A newer version was submitted.", actor=requested_by)
        request = _unsaved(asked, chain)
        request.subject, request.content_hash, request.arguments_hash = subject, content_hash, bound
        request.arguments, request.capabilities_hash = dict(arguments or {}), capabilities_hash([])
        request.summary = _shown(asked, subject, summary)
        request.requested_by = requested_by
        require_possible(request.asked, requested_by=requested_by, people=voters_here())
        return _opened(request)


def _live(action: str, subject: str, content_hash: str, bound: str) -> ApprovalRequest | None:
    rows = ApprovalRequest.objects.filter(LIVE, action=action, subject=subject)
    return rows.filter(content_hash=content_hash, arguments_hash=bound).first()


def _unsaved(action: ApprovableAction, chain: Chain | None) -> ApprovalRequest:
    policy = None if chain else ApprovalPolicy.objects.filter(action=action.key).first()
    asked = chain or (policy.asked if policy else action.default_chain)
    now = timezone.now()
    return ApprovalRequest(
        action=action.key,
        chain=asked.model_dump(mode="json"),
        policy_version=policy.version if policy else None,
        waiting_for=asked.stages[0].asked,
        requested_at=now,
        expires_at=now + timedelta(hours=policy.valid_for_hours if policy else VALID_FOR_HOURS),
    )


def _shown(action: ApprovableAction, subject: str, summary: Mapping[str, Any] | None) -> dict[str, Any]:
    return Summary.model_validate(dict(summary if summary is not None else action.summary(subject))).model_dump(mode="json")


def _opened(request: ApprovalRequest) -> ApprovalRequest:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        # Somebody opened the same at the same moment and has committed; anything else that was violated is an error.
        if existing := _live(request.action, request.subject, request.content_hash, request.arguments_hash):
            return existing
        raise
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "content_hash": request.content_hash,
        "requested_by": request.requested_by,
    }
    event_emit(topic="approval.requested", aggregate=request.reference, data=data, actor=request.requested_by)
    detail = {**data, "arguments_hash": request.arguments_hash, "chain": request.chain, "policy_version": request.policy_version}
    audit_record(actor=request.requested_by, action="approval.requested", subject=request.reference, detail=detail)
    due_work_put(kind=EXPIRY, reference=str(request.public_id), due_at=request.expires_at)
    return request
