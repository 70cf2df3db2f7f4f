"""The approver's pages, made for a phone: what waits, what is asked, and the decision by POST."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from approvals import selectors
from approvals.interfaces.counts import waiting_count, waiting_known
from approvals.interfaces.factors import factor_asked, factor_given
from approvals.interfaces.inbox_rows import inbox_rows
from approvals.interfaces.install import kept_for_person
from approvals.models import ApprovalRequest
from approvals.people import names_of
from approvals.services import (
    NotYourVote,
    ReasonMissing,
    SecondFactorNeeded,
    VoteRefused,
    approval_object,
    approval_review,
    approval_vote,
    sighting_record,
)
from approvals.states import Decision, State
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from tenants.second_factor import CodeRefused, TooManyCodes


@require_GET
@never_cache
@requires(Permission.APPROVAL_VIEW)
@kept_for_person
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, what they may object to or review, and what became of what they decided or asked for."""
    actor = actor_of(request)
    after = request.GET.get("after", "")
    page = selectors.front_page(actor, after=int(after) if after.isdecimal() and len(after) < 19 else 0)
    waiting_known(request, page.count)
    return render(request, "approvals/inbox.html", {"page": page, "rows": inbox_rows(page.inbox), **_frame("Approvals")})


@require_GET
@never_cache
@requires(Permission.APPROVAL_VIEW)
@kept_for_person
def detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request: to decide, if it waits for the viewer, else as it stands. That they were shown it is noted."""
    return _page(request, public_id)


@require_POST
@never_cache
@requires(Permission.APPROVAL_VIEW)
def vote(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a decision; the form carries the hash of what was shown. A refusal shows the page with the reason."""
    try:
        decision = Decision(request.POST.get("decision", ""))
    except ValueError:
        return _page(request, public_id, status=400, error=_("Choose to approve or to reject."), reason=_reason(request))

    def decide(asked: ApprovalRequest, actor: Actor, factor: str) -> str:
        shown = request.POST.get("content_hash", "")
        approval_vote(
            request=asked, voter=actor, decision=decision, reason=_reason(request), content_hash=shown, second_factor=factor
        )
        return _("You approved it.") if decision == Decision.APPROVE else _("You rejected it.")

    return _decided(request, public_id, decide)


@require_POST
@never_cache
@requires(Permission.APPROVAL_VIEW)
def objection(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Object in time to what goes on the loop: it is undone, or not done."""

    def decide(asked: ApprovalRequest, actor: Actor, factor: str) -> str:
        approval_object(request=asked, reviewer=actor, reason=_reason(request), second_factor=factor)
        return _("You objected.")

    return _decided(request, public_id, decide)


@require_POST
@never_cache
@requires(Permission.APPROVAL_VIEW)
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say of what a rule allowed that it was fine, or what was wrong with it."""
    is_fine = request.POST.get("outcome") == "fine"

    def decide(asked: ApprovalRequest, actor: Actor, factor: str) -> str:
        outcome = "fine" if is_fine else "finding"
        approval_review(request=asked, reviewer=actor, outcome=outcome, reason=_reason(request), second_factor=factor)  # type: ignore[arg-type]
        return _("You reviewed it.")

    return _decided(request, public_id, decide)


type Decide = Callable[[ApprovalRequest, Actor, str], str]


def _decided(request: HttpRequest, public_id: uuid.UUID, decide: Decide) -> HttpResponse:
    """Have ``decide`` do it, with the second factor that came with it; what is refused shows the page with the reason."""
    actor = actor_of(request)
    asked = selectors.visible_requests(actor).filter(public_id=public_id).first()
    if asked is None:
        raise Http404
    try:
        told = decide(asked, actor, factor_given(request, asked))
    except CodeRefused as refused:
        status = 429 if isinstance(refused, TooManyCodes) else 400
        return _page(request, public_id, status=status, code_error=str(refused), reason=_reason(request))
    except VoteRefused as refused:
        return _refused(request, public_id, refused)
    messages.success(request, told)
    return redirect("approvals:detail", public_id=public_id)


def _refused(request: HttpRequest, public_id: uuid.UUID, refused: VoteRefused) -> HttpResponse:
    form: dict[str, Any] = {"reason": _reason(request), "reason_missing": isinstance(refused, ReasonMissing)}
    return _page(request, public_id, status=_status(refused), error=str(refused), **form)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:4000]


def _status(refused: VoteRefused) -> int:
    if isinstance(refused, ReasonMissing):
        return 400
    return 403 if isinstance(refused, NotYourVote | SecondFactorNeeded) else 409


def _page(request: HttpRequest, public_id: uuid.UUID, *, status: int = 200, error: str = "", **form: Any) -> HttpResponse:
    actor = actor_of(request)
    try:
        found = selectors.request_detail(actor, public_id=public_id)
    except ApprovalRequest.DoesNotExist as missing:
        raise Http404 from missing
    asked = found.request
    sighting_record(subject=asked.subject, content_hash=asked.content_hash, viewer=actor, via="approval")
    over = asked.state != State.PENDING or found.own_vote is not None
    context = {"detail": found, "approval": asked, "shown": asked.shown, "error": error, **form}
    context |= _frame(asked.shown.title, asked.state)
    absent = names_of({one.on_behalf_of for one in found.votes} - {""})
    said = [(one, absent.get(one.on_behalf_of, "")) for one in reversed(found.votes)]
    context |= {"factor": factor_asked(request, asked), "said": said}
    if over:
        context |= _afterwards(request, actor, asked)
    return render(request, "approvals/decided.html" if over else "approvals/detail.html", context, status=status)


def _afterwards(request: HttpRequest, actor: Actor, asked: ApprovalRequest) -> dict[str, Any]:
    """What can still be said of it, what was said, and what waits besides."""
    is_approved = asked.state == State.APPROVED
    return {
        "waiting": waiting_count(request),
        "may_object": is_approved and selectors.reviewable(actor).filter(pk=asked.pk).exists(),
        "may_review": is_approved and selectors.sampled_for_review(actor).filter(pk=asked.pk).exists(),
        "reviews": list(asked.reviews.order_by("pk")),
    }


def _frame(name: str, state: str = "") -> dict[str, Any]:
    return {"nav_current": "approvals", "line": {"name": name, "status": state}}
