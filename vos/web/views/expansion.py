"""What could come next: the proposal, its decision, and where each of its figures comes from."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import Customer, ExpansionProposal
from valuefabric.models.states import IllegalTransition, ProposalState
from valuefabric.selectors.realization import report_latest
from valuefabric.selectors.tree_pages import kpi_titles
from valuefabric.services.realization import expansion_decide as decide
from valuefabric.services.realization import expansion_withdraw
from vos.web.places import part_url, tabs
from vos.web.presenters import expansion as present
from vos.web.presenters.customers import customer_line
from vos.web.presenters.expansion_source import CellUnknown, source_of
from vos.web.scope import customer_of, is_partial

MOST_EARLIER = 10
_REASON = 500


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def expansion(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The newest proposal that was not taken back, or the one that is asked for (``?proposal=``)."""
    row, actor = customer_of(request, customer), actor_of(request)
    proposals = list(row.expansion_proposals.order_by("-id")[: MOST_EARLIER + 1])
    shown = _shown(proposals, request.GET.get("proposal", ""))
    context = {
        "tabs": tabs(row, "expansion"),
        "proposals": [],
        "realization_url": part_url(row, "realization"),
        "nav_current": "customers",
        "line": customer_line(row),
    }
    if shown is not None:
        page = present.proposed_of(row, shown)
        names = names_of({shown.recorded_by, shown.decided_by} - {""})
        context |= {
            "summary": present.summary(page, names, may_decide=actor.allows(Permission.MODEL_EDIT)),
            "proposals": present.articles(page, kpi_titles(row)),
            "method": {"kind": "deterministic", "label": _("Deterministic method"), "detail": names[shown.recorded_by]},
        }
    context["earlier"] = present.earlier(row, [one for one in proposals if one != shown])
    return render(request, "vos/expansion.html", context)


@require_POST
@requires(Permission.MODEL_EDIT)
def expansion_decide(request: HttpRequest, customer: uuid.UUID, proposal: uuid.UUID) -> HttpResponse:
    """Accept, refuse or take back (``decision``), with a reason for the record."""
    row, actor = customer_of(request, customer), actor_of(request)
    found = _proposal(row, proposal)
    reason, decision = request.POST.get("reason", "").strip()[:_REASON], request.POST.get("decision", "")
    try:
        if decision == "accepted":
            decide(proposal=found, decision="accepted", actor=actor, reason=reason)
            messages.success(request, _("Accepted. A new model was made of it; taking it back is possible on this page."))
        elif decision == "refused":
            decide(proposal=found, decision="refused", actor=actor, reason=reason)
            messages.success(request, _("Refused, and kept on record. What is measured later can lead to another proposal."))
        elif decision == "withdrawn":
            expansion_withdraw(proposal=found, reason=reason or _("Taken back on the page."), actor=actor)
            messages.success(request, _("Taken back. The model made of it stays as it is."))
        else:
            messages.error(request, _("Choose to accept or to refuse. Nothing was changed."))
    except IllegalTransition:
        messages.error(request, _("Somebody has decided this already. Nothing was changed; this is how it stands now."))
    return redirect(f"{part_url(row, 'expansion')}?proposal={found.public_id}")


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def expansion_source(request: HttpRequest, customer: uuid.UUID, proposal: uuid.UUID, cell: str) -> HttpResponse:
    """Where one figure of a proposal comes from, as the drawer or as a page."""
    row = customer_of(request, customer)
    found = _proposal(row, proposal)
    report = report_latest(found.commitment) if found.commitment else None
    try:
        source = source_of(present.proposed_of(row, found), cell, report)
    except CellUnknown as unknown:
        raise Http404 from unknown
    template = "vos/partials/source.html" if is_partial(request) else "vos/source.html"
    return render(request, template, {"source": source, "nav_current": "customers", "line": customer_line(row)})


def _shown(proposals: list[ExpansionProposal], public_id: str) -> ExpansionProposal | None:
    """The proposal of that id; without one the newest that stands. Raises Http404 for one that is not the customer's."""
    if not public_id:
        return next((one for one in proposals if one.state != ProposalState.WITHDRAWN), None)
    found = next((one for one in proposals if str(one.public_id) == public_id), None)
    if found is None:
        raise Http404
    return found


def _proposal(row: Customer, public_id: uuid.UUID) -> ExpansionProposal:
    found: ExpansionProposal | None = (
        row.expansion_proposals.select_related("commitment", "customer").filter(public_id=public_id).first()
    )
    if found is None:
        raise Http404
    return found
