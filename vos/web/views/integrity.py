"""Integrity: what the manifesto's rules say of the case, reviewing it again, and applying a mend."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.manifesto import MendError
from valuefabric.domain.model import FormulaError
from valuefabric.models import BusinessCase, Customer, IntegrityReview
from valuefabric.models.states import IllegalTransition
from valuefabric.selectors.cases import case_current, review_current
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.evidence import evidence_names
from valuefabric.selectors.integrity_pages import integrity_panel, mend_of
from valuefabric.services.cases import OPEN
from valuefabric.services.reviews import ReviewRefused, ReviewStale, case_review, mend_apply
from valuefabric.services.value_models import ModelLocked, RowRefused
from vos.web.places import part_url, tabs
from vos.web.presenters.customers import case_status, customer_line
from vos.web.presenters.integrity import PanelOf, earlier_entries, stamp_entry
from vos.web.scope import customer_of

_EARLIER = 10


@require_GET
@requires(Permission.CASE_VIEW)
def integrity(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Twelve principles, the worst open, with their mends; ``?review=`` shows an earlier one."""
    actor, row = actor_of(request), customer_of(request, customer)
    case = case_current(row)
    context = _frame(row, case)
    if case is not None:
        context |= _panel(request, row, case, actor)
    return render(request, "vos/integrity.html", context)


@require_POST
@requires(Permission.MODEL_EDIT)
def review(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Hold the case against the rules as they are now."""
    row = customer_of(request, customer)
    case = _case(row)
    try:
        done = case_review(case=case, actor=actor_of(request))
    except (ReviewRefused, ReviewStale) as refused:
        messages.error(request, str(refused))
    else:
        passed, failed = (
            _("Reviewed: every rule holds; the case is stamped."),
            _("Reviewed: %(n)d findings stop it. They are open below."),
        )
        told = passed if done.passed else failed % {"n": len(done.violations)}
        (messages.success if done.passed else messages.warning)(request, told)
    return redirect(part_url(row, "integrity"))


@require_POST
@requires(Permission.MODEL_EDIT)
def mend(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Apply the mend of one result of the newest review. The form names it; what it changes is read from the stored review."""
    row = customer_of(request, customer)
    case = _case(row)
    found = _review(case, request.POST.get("review", ""))
    number = request.POST.get("number", "")
    proposed = mend_of(found, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else None
    if proposed is None:
        raise Http404
    newest = review_current(case)
    if newest is None or newest.pk != found.pk:
        messages.error(request, _("The case has changed since that review. Review it again; nothing was changed."))
        return redirect(part_url(row, "integrity"))
    try:
        mended = mend_apply(case=case, mend=proposed, actor=actor_of(request))
    except (MendError, ModelLocked, RowRefused, FormulaError, IllegalTransition) as refused:
        messages.error(request, _("%(why)s Nothing was changed.") % {"why": refused})
    else:
        messages.success(request, _("Mended: the case is at version %(n)d now. Review it again.") % {"n": mended.version})
    return redirect(part_url(row, "integrity"))


def _panel(request: HttpRequest, customer: Customer, case: BusinessCase, actor: Actor) -> dict[str, Any]:
    asked = request.GET.get("review", "")
    shown = _review(case, asked) if asked else review_current(case)
    open_case = case.state in OPEN and actor.allows(Permission.MODEL_EDIT)
    newest = shown is not None and shown.content_hash == case.content_hash and not asked
    panel = integrity_panel(case, shown)
    told = PanelOf(
        panel,
        customer=customer,
        document=document_of(case.model_version),
        evidence=evidence_names(customer),
        can_mend=open_case and newest,
    )
    reviews = list(case.reviews.order_by("-id")[: _EARLIER + 1])
    review_url = reverse("web:review", args=[customer.public_id]) if open_case else ""
    action = {"label": _("Review again") if reviews else _("Review"), "url": review_url, "icon": "refresh-cw", "post": True}
    return {
        "principles": told.principles() if shown else [],
        "stamp": stamp_entry(panel),
        "counts": {"passed": panel.passed, "warned": panel.warned, "failed": panel.failed},
        "changed": bool(reviews) and shown is None,
        "asked": bool(asked),
        "version": case.version,
        "reviewed_at": shown.reviewed_at if shown else None,
        "reviewer": panel.reviewer,
        "content_hash": case.content_hash,
        "review_url": review_url,
        "action": action if open_case else None,
        "earlier": earlier_entries(reviews, shown, customer),
    }


def _review(case: BusinessCase, public_id: str) -> IntegrityReview:
    """The case's review of that id; Http404 for any other."""
    try:
        found = case.reviews.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found


def _case(customer: Customer) -> BusinessCase:
    case = case_current(customer)
    if case is None:
        raise Http404
    return case


def _frame(customer: Customer, case: BusinessCase | None) -> dict[str, Any]:
    return {
        "tabs": tabs(customer, "integrity"),
        "build_url": part_url(customer, "model"),
        "nav_current": "customers",
        "line": customer_line(customer, *case_status(case, asked=False)),
    }
