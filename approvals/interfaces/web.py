"""The approver's pages, made for a phone: what waits, what is asked, and the decision by POST."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from approvals import selectors
from approvals.interfaces.install import kept_for_person
from approvals.models import ApprovalRequest
from approvals.services import NotYourVote, ReasonMissing, VoteRefused, approval_vote
from approvals.states import Decision, State
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission


@require_GET
@never_cache
@requires(Permission.APPROVAL_VIEW)
@kept_for_person
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, and what became of what they decided or asked for."""
    actor = actor_of(request)
    after = request.GET.get("after", "")
    page = selectors.inbox(actor, after=int(after) if after.isdecimal() and len(after) < 19 else None)
    context = {"inbox": page, "count": selectors.inbox_count(actor), "decided": selectors.recently_decided(actor)}
    context |= _frame("Approvals")
    return render(request, "approvals/inbox.html", context)


@require_GET
@never_cache
@requires(Permission.APPROVAL_VIEW)
@kept_for_person
def detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request: to decide, if it waits for the viewer, else as it stands."""
    return _page(request, public_id)


@require_POST
@never_cache
@requires(Permission.APPROVAL_VIEW)
def vote(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a decision; the form carries the hash of what was shown. A refusal shows the page with the reason."""
    actor = actor_of(request)
    asked = selectors.visible_requests(actor).filter(public_id=public_id).first()
    if asked is None:
        raise Http404
    reason = request.POST.get("reason", "")
    try:
        decision = Decision(request.POST.get("decision", ""))
    except ValueError:
        return _page(request, public_id, status=400, error="Choose to approve or to reject.", reason=reason)
    shown = request.POST.get("content_hash", "")
    try:
        approval_vote(request=asked, voter=actor, decision=decision, reason=reason, content_hash=shown)
    except VoteRefused as refused:
        missing = isinstance(refused, ReasonMissing)
        return _page(request, public_id, status=_status(refused), error=str(refused), reason=reason, reason_missing=missing)
    messages.success(request, "You approved it." if decision == Decision.APPROVE else "You rejected it.")
    return redirect("approvals:detail", public_id=public_id)


def _status(refused: VoteRefused) -> int:
    if isinstance(refused, ReasonMissing):
        return 400
    return 403 if isinstance(refused, NotYourVote) else 409


def _page(request: HttpRequest, public_id: uuid.UUID, *, status: int = 200, error: str = "", **form: Any) -> HttpResponse:
    actor = actor_of(request)
    try:
        found = selectors.request_detail(actor, public_id=public_id)
    except ApprovalRequest.DoesNotExist as missing:
        raise Http404 from missing
    over = found.request.state != State.PENDING or found.own_vote is not None
    context = {"detail": found, "approval": found.request, "shown": found.request.shown, "error": error, **form}
    context |= _frame(found.request.shown.title, found.request.state)
    if over:
        context["waiting"] = selectors.inbox_count(actor)
    return render(request, "approvals/decided.html" if over else "approvals/detail.html", context, status=status)


def _frame(name: str, state: str = "") -> dict[str, Any]:
    return {"nav_current": "approvals", "line": {"name": name, "status": state}}
