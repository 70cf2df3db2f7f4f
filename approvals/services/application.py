"""Using an approval: once, for exactly what was approved, in the transaction of the deed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from approvals.clock import database_now
from approvals.hashes import arguments_hash, capabilities_hash
from approvals.models import ApprovalRequest
from approvals.selectors.standing import lapsed_vote
from approvals.services.endings import change_of
from approvals.states import State
from kernel.audit.services import audit_record


class ApprovalUnusable(PermissionError):
    """The approval does not cover the deed: not given, used already, for other arguments, or for content that changed."""


def approval_use(
    *,
    request: ApprovalRequest,
    actor: str,
    arguments: Mapping[str, Any] | None = None,
    capabilities: Sequence[Any] = (),
) -> ApprovalRequest:
    """Use up an approval for the deed that the caller's transaction does. Raises ApprovalUnusable, and nothing may be done.

    Asked anew here: state, content, arguments and capabilities, every vote's signature, and whether its voter may still vote.
    Raises TransactionManagementError outside a transaction: used and done must commit together.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("approval_use must run inside transaction.atomic, together with the approved deed.")
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if unusable := _why_unusable(locked, arguments_hash(arguments or {}), capabilities_hash(capabilities)):
            raise ApprovalUnusable(unusable)
        locked.applied_at = database_now()
        locked.save(update_fields=["applied_at"])
        detail = {"action": locked.action, "subject": locked.subject, "content_hash": locked.content_hash}
        audit_record(actor=actor, action="approval.used", subject=locked.reference, detail=detail)
    return locked


def _why_unusable(request: ApprovalRequest, arguments: str, capabilities: str) -> str:
    if request.state != State.APPROVED:
        return f"The request is {request.state}, not approved. Wait for the decision, or ask again."
    if request.applied_at:
        return "This approval was used already; it is good for one deed. Ask again for another."
    if arguments != request.arguments_hash:
        return "The approval was given for other arguments. Ask again with these."
    # Requests of before capabilities were bound have no hash of theirs.
    if capabilities != (request.capabilities_hash or capabilities_hash(())):
        return "The approval was given for other rights than the deed would use. Ask again with these."
    if changed := change_of(request):
        return f"{changed} Ask again for what is there now."
    lapsed = lapsed_vote(request)
    return f"{lapsed} Ask again." if lapsed else ""
