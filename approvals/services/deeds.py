"""Doing what was approved, and undoing what was objected to: by a worker, after the decision has committed, once.

Used (or reverted) and done commit in one transaction. A worker that dies in it has done nothing, and the next finds the work
still due; a second worker waits for the lock and finds it done.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from approvals.actions import action_of
from approvals.clock import database_now
from approvals.models import ApprovalRequest
from approvals.services.application import ApprovalUnusable, approval_use
from approvals.services.endings import APPLY, REVERT, request_end
from approvals.states import State
from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.scheduler.duework import due_work_done, due_work_put
from kernel.stops.checks import Stopped, require_not_stopped
from kernel.stops.holding import work_hold

logger = logging.getLogger(__name__)

# After a failure: so many seconds, doubled each time, at most an hour. It is never given up: the page shows what is in the way.
RETRY_SECONDS, MOST_SECONDS = 5, 3600


def approval_apply(*, request: ApprovalRequest) -> bool:
    """Do the approved deed now; returns whether it was done by this call.

    An approval that can be used no more becomes void, with the reason. A stop that is in force holds the deed back, and its
    release lets it go on. Any other failure is kept in ``deed_error`` and tried again later.
    """
    return _attempt(request, APPLY, _apply)


def approval_revert(*, request: ApprovalRequest) -> bool:
    """Undo what was done by rule and objected to; returns whether this call undid it. Failures as in ``approval_apply``."""
    return _attempt(request, REVERT, _revert)


def _attempt(request: ApprovalRequest, kind: str, deed: Callable[[ApprovalRequest], bool]) -> bool:
    reference = str(request.public_id)
    try:
        with transaction.atomic():
            locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
            done = deed(locked)
            due_work_done(kind=kind, reference=reference)
    except Stopped as stopped:
        with transaction.atomic():
            work_hold(stopped, kind=kind, reference=reference)
        return False
    except ApprovalUnusable as unusable:
        _give_up(request, str(unusable))
        return False
    except Exception as error:
        # Whatever an action's code raises must not lose the deed: it is told on the page and in the log, and tried again.
        logger.exception("approvals.deed_failed", extra={"request": reference, "deed": kind})
        _note_failure(request, kind, error)
        return False
    return done


def _apply(request: ApprovalRequest) -> bool:
    deed = action_of(request.action).apply
    if deed is None or request.state != State.APPROVED or request.applied_at is not None:
        return False
    require_not_stopped(*([request.requested_by] if request.requested_by.startswith("agent:") else []))
    used = approval_use(request=request, actor=SYSTEM, arguments=request.arguments, capabilities=request.capabilities)
    deed(used)
    _done(used, "applied")
    return True


def _revert(request: ApprovalRequest) -> bool:
    undo = action_of(request.action).revert
    if undo is None or request.applied_at is None or request.objected_at is None or request.reverted_at is not None:
        return False
    # Not asked whether work is stopped: undoing what people objected to is what a stop is for.
    request.reverted_at = database_now()
    request.save(update_fields=["reverted_at"])
    undo(request)
    _done(request, "reverted")
    return True


def _done(request: ApprovalRequest, what: str) -> None:
    if request.deed_attempts:
        request.deed_attempts, request.deed_error = 0, ""
        request.save(update_fields=["deed_attempts", "deed_error"])
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "content_hash": request.content_hash,
    }
    event_emit(topic=f"approval.{what}", aggregate=request.reference, data=data, actor=SYSTEM)
    audit_record(actor=SYSTEM, action=f"approval.{what}", subject=request.reference, detail=data)


def _give_up(request: ApprovalRequest, reason: str) -> None:
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if locked.state == State.APPROVED and locked.applied_at is None:
            request_end(locked, State.VOID, reason=reason, actor=SYSTEM)
        due_work_done(kind=APPLY, reference=str(request.public_id))


def _note_failure(request: ApprovalRequest, kind: str, error: Exception) -> None:
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        locked.deed_attempts = min(locked.deed_attempts + 1, 1000)
        locked.deed_error = f"{type(error).__name__}: {error}"[:2000]
        locked.save(update_fields=["deed_attempts", "deed_error"])
        wait = timedelta(seconds=min(RETRY_SECONDS * 2 ** min(locked.deed_attempts - 1, 16), MOST_SECONDS))
        due_work_put(kind=kind, reference=str(locked.public_id), due_at=database_now() + wait)
