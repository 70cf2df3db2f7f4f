"""The review queue: what went on without a vote, to object to in time or to look at afterwards."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from approvals.interfaces.factors import factor_asked, factor_given
from approvals.models import ApprovalRequest, Review
from approvals.people import names_of
from approvals.selectors import reviewable, sampled_for_review, visible_requests
from approvals.services import VoteRefused, approval_object, approval_review, sighting_record
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from tenants.second_factor import CodeRefused
from vos.web.forms.oversight_reviews import ReviewForm
from vos.web.oversight_pages import oversight_tabs
from vos.web.presenters.oversight_reviews import past_entry, review_entry, review_shown
from vos.web.scope import is_partial

PAGE = 25
MOST_OPEN = 100
REFUSED = 422


@require_GET
@never_cache
@requires(Permission.APPROVAL_VIEW)
def reviews(request: HttpRequest) -> HttpResponse:
    """What may be objected to by the viewer, what waits for their look, and what people said of the rest."""
    actor = actor_of(request)
    objectable, sampled = list(reviewable(actor)[:MOST_OPEN]), list(sampled_for_review(actor)[:MOST_OPEN])
    past = Review.objects.filter(request__in=visible_requests(actor)).select_related("request").order_by("-pk")
    page = Paginator(past, PAGE).get_page(request.GET.get("page"))
    names = names_of(
        {row.requested_by for row in (*objectable, *sampled)} | {one.on_behalf_of for one in page if one.on_behalf_of}
    )
    context = {
        "objectable": [review_entry(row, names) for row in objectable],
        "sampled": [review_entry(row, names) for row in sampled],
        "past": [past_entry(one, names) for one in page],
        "may_vote": actor.allows(Permission.APPROVAL_VOTE),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "policies_url": reverse("web:oversight_policies"),
        "tabs": oversight_tabs(actor, "oversight_reviews"),
        "nav_current": "oversight",
        "line": {"name": _("Review queue")},
    }
    return render(request, "vos/oversight_reviews.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Permission.APPROVAL_VOTE)
def review(request: HttpRequest, approval: uuid.UUID) -> HttpResponse:
    """Look at one deed: object, in time; else say that it was fine, or what was wrong with it."""
    actor = actor_of(request)
    found = visible_requests(actor).filter(public_id=approval).first()
    if found is None:
        raise Http404
    sighting_record(subject=found.subject, content_hash=found.content_hash, viewer=actor, via="approval")
    may_object = reviewable(actor).filter(pk=found.pk).exists()
    factor = factor_asked(request, found, back_url=request.path)
    wants_code = factor.takes_code and not factor.is_proved
    form = ReviewForm(request.POST if request.method == "POST" else None, may_object=may_object, wants_code=wants_code)
    if form.is_bound and form.is_valid():
        try:
            told = _said(found, actor, form.cleaned_data, factor_given(request, found))
        except CodeRefused as refused:
            form.add_error("code" if wants_code else None, str(refused))
        except VoteRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, told)
            return _back(request)
    names = names_of([found.requested_by])
    context = {
        "form": form,
        "factor": factor,
        "may_object": may_object,
        "entry": review_shown(found, names),
        "post_url": request.path,
        "back_url": reverse("web:oversight_reviews"),
        "part": "vos/partials/oversight_review.html",
        "nav_current": "oversight",
        "line": {"name": _("Review queue"), "url": reverse("web:oversight_reviews")},
    }
    template = context["part"] if is_partial(request) else "vos/oversight_form.html"
    return render(request, str(template), context, status=REFUSED if form.is_bound else 200)


def _said(found: ApprovalRequest, actor: Actor, data: dict[str, Any], proved: str) -> str:
    if data["outcome"] == "objection":
        approval_object(request=found, reviewer=actor, reason=data["reason"], second_factor=proved)
        return _("Objected to. It is undone now.")
    approval_review(request=found, reviewer=actor, outcome=data["outcome"], reason=data["reason"], second_factor=proved)
    return _("Noted: nothing to say against it.") if data["outcome"] == "fine" else _("The finding is noted, and told.")


def _back(request: HttpRequest) -> HttpResponse:
    if is_partial(request):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("web:oversight_reviews")})
    return redirect("web:oversight_reviews")
