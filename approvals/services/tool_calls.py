"""A human's consent to one exact tool call (promise 10): the kernel says that it needs one, this asks for it and answers.

Nothing of a call can change while people decide: its subject *is* the hash of tenant, tool and arguments, and the kernel computes
that hash again from the arguments that it is about to use.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from approvals.actions import ApprovableAction, SubjectGone, register_action
from approvals.argument_facts import argument_facts
from approvals.models import ApprovalRequest
from approvals.risk import Risk
from approvals.services.application import ApprovalUnusable, approval_use
from approvals.services.requests import approval_request_open
from kernel.actors import SYSTEM
from kernel.schemas import current_schema
from kernel.tools.approvals import hash_of_call, register_approval_check

_SUBJECT = "tool_call:"


def tool_call_request_open(*, tool: str, arguments: Mapping[str, Any], reason: str, requested_by: str) -> ApprovalRequest:
    """Ask people for the call that ``kernel.tools.services.ApprovalNeeded`` stands for; every argument is shown.

    ``requested_by`` is the agent or person that wants the call. Its ``public_id`` is the ``approval`` to call again with.
    """
    call_hash = hash_of_call(current_schema(), tool, arguments)
    summary = {
        "title": f"Let {tool} run",
        "kind": "Tool call",
        "description": reason,
        "facts": argument_facts(arguments),
    }
    return approval_request_open(
        action=TOOL_CALL.key,
        subject=f"{_SUBJECT}{call_hash}",
        content_hash=call_hash,
        requested_by=requested_by,
        summary=summary,
        # That it is asked at all says that its arguments derive from text from outside: no policy leaves it to a rule.
        risk=Risk(irreversible=True, tainted=True),
    )


def tool_call_approved(reference: str, call_hash: str) -> bool:
    """The kernel's question whether the request ``reference`` allows this call. A yes uses the approval up: one call, not two."""
    try:
        request = ApprovalRequest.objects.get(public_id=uuid.UUID(reference), action=TOOL_CALL.key, content_hash=call_hash)
        with transaction.atomic():
            approval_use(request=request, actor=SYSTEM)
    except (ValueError, ApprovalRequest.DoesNotExist, ApprovalUnusable):
        return False
    return True


def register_tool_calls() -> None:
    """Declare the action, and answer the kernel; called when the app is ready."""
    register_action(TOOL_CALL)
    register_approval_check(tool_call_approved)


def _call_hash(subject: str) -> str:
    if not subject.startswith(_SUBJECT):
        raise SubjectGone(f"{subject} is not a tool call.")
    return subject.removeprefix(_SUBJECT)


def _no_summary(subject: str, _arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    raise LookupError(f"{subject}: arguments are known only to who wants the call. Open it with tool_call_request_open.")


TOOL_CALL = ApprovableAction(key="tool.call", title="Let a tool run", current_hash=_call_hash, summary=_no_summary)
