"""The opportunity: evidence beside hypotheses, and what people decide about them."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from approvals.people import names_of
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.packs import Pack
from valuefabric.governance.selectors import PackUnknown, pack_at
from valuefabric.models import Customer, Hypothesis, Opportunity
from valuefabric.models.states import IllegalTransition
from valuefabric.selectors.opportunities import OpportunityView, hypothesis_visible_to, opportunity_view
from valuefabric.selectors.overview import Standing, standings
from valuefabric.selectors.quotations import locators_of, remarks_of
from valuefabric.services.opportunities import hypothesis_decide, hypothesis_reopen
from vos.web import workspace
from vos.web.forms.hypothesis import HypothesisForm
from vos.web.places import part_url, tabs
from vos.web.presenters import documents
from vos.web.presenters import opportunities as present
from vos.web.presenters.action import primary_action
from vos.web.presenters.activity import run_entries
from vos.web.presenters.customers import currency_of, customer_line
from vos.web.replies import toast
from vos.web.scope import customer_of, is_partial

_VERBS = {"accept": "accepted", "refuse": "refused"}


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def opportunity(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Evidence at the left, hypotheses at the right."""
    actor, row = actor_of(request), customer_of(request, customer)
    view, standing = opportunity_view(row), standings([row])[0]
    remarks = {document.pk: remarks_of(document) for document in view.evidence}
    names = names_of(present.people_of(view))
    phrases = standing.case.forbidden if standing.case else []
    may_add = actor.allows(Permission.EVIDENCE_ADD)
    context = {
        "tabs": tabs(row, "opportunity"),
        "method": present.method_entry(view.opportunity, workspace.run_of(actor, row, view.opportunity)),
        "documents": documents.document_entries(view, remarks, names, row),
        "hypotheses": _entries(view, row, names, currency_of(standing)),
        "kept_out": documents.kept_out_entries(view.evidence, remarks, phrases, row),
        "warnings": documents.warning_entries(view.evidence, remarks),
        "stakeholders": present.stakeholder_entries(view.opportunity),
        "add_url": part_url(row, "evidence_new") if may_add else "",
        "can_edit": actor.allows(Permission.CUSTOMER_EDIT),
        "action": _action(actor, standing, view),
        "nav_current": "customers",
        "line": customer_line(row),
    }
    return render(request, "vos/opportunity.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMER_EDIT)
def hypothesis(request: HttpRequest, customer: uuid.UUID, hypothesis: uuid.UUID) -> HttpResponse:
    """GET: the form to reword it. POST ``decision``: accept, refuse, undo; without one, the form's new words."""
    row = customer_of(request, customer)
    found = hypothesis_visible_to(actor_of(request), row, hypothesis)
    if found is None:
        raise Http404
    if request.method == "GET":
        form = HypothesisForm(initial={"claim": found.claim, "reason": found.decision_reason})
        return _form_page(request, row, found, form)
    decision = request.POST.get("decision") or request.GET.get("decision", "edit")
    if decision == "edit":
        return _edited(request, row, found)
    return _decided(request, row, found, decision)


def _edited(request: HttpRequest, customer: Customer, found: Hypothesis) -> HttpResponse:
    form = HypothesisForm(request.POST)
    if not form.is_valid():
        return _form_page(request, customer, found, form)
    hypothesis_decide(
        hypothesis=found,
        decision="edited",
        claim=form.cleaned_data["claim"],
        reason=form.cleaned_data["reason"],
        actor=actor_of(request),
    )
    return _card(request, customer, found, _("Reworded."))


def _decided(request: HttpRequest, customer: Customer, found: Hypothesis, decision: str) -> HttpResponse:
    actor = actor_of(request)
    if decision == "undo":
        hypothesis_reopen(hypothesis=found, actor=actor)
        return _card(request, customer, found, _("Taken back: it is a proposal again."), can_undo=False)
    if decision not in _VERBS:
        raise Http404
    try:
        _decide(found, decision, actor)
    except IllegalTransition:
        # Sent twice, or somebody else was faster: the card says what holds.
        return _card(request, customer, found, _("It was decided already."), can_undo=False)
    return _card(request, customer, found, _("Accepted.") if decision == "accept" else _("Refused."))


def _decide(found: Hypothesis, decision: str, actor: Actor) -> None:
    if decision == "accept":
        hypothesis_decide(hypothesis=found, decision="accepted", actor=actor)
    else:
        hypothesis_decide(hypothesis=found, decision="refused", actor=actor)


def _card(request: HttpRequest, customer: Customer, found: Hypothesis, words: str, *, can_undo: bool = True) -> HttpResponse:
    """The card as it is now and a toast; for a browser without script, back to the page with a message."""
    if not is_partial(request):
        messages.success(request, words)
        return redirect(f"{part_url(customer, 'opportunity')}#hypothesis-{found.public_id}")
    now = hypothesis_visible_to(actor_of(request), customer, found.public_id)
    if now is None:
        raise Http404
    view = OpportunityView(now.opportunity, (now,), ())
    entry = _entries(view, customer, names_of(present.people_of(view)), currency_of(standings([customer])[0]))[0]
    response = render(request, "vos/partials/hypothesis.html", {"hypothesis": entry, "can_edit": True})
    return toast(response, words, undo_url=f"{entry['undo_url']}?decision=undo" if can_undo else "")


def _form_page(request: HttpRequest, customer: Customer, found: Hypothesis, form: HypothesisForm) -> HttpResponse:
    view = OpportunityView(found.opportunity, (found,), ())
    entry = _entries(view, customer, names_of(present.people_of(view)), customer.currency)[0]
    context = {
        "form": form,
        "hypothesis": entry,
        "action_url": entry["edit_url"],
        "back_url": part_url(customer, "opportunity"),
        "nav_current": "customers",
        "line": customer_line(customer),
        "tabs": tabs(customer, "opportunity"),
    }
    status = 422 if form.is_bound else 200
    if is_partial(request):
        response = render(request, "vos/partials/hypothesis_form.html", context, status=status)
        if form.is_bound:  # the form's own target is the card; what is wrong belongs where it was typed
            response["HX-Retarget"], response["HX-Reswap"] = "#drawer-content", "innerHTML"
        return response
    return render(request, "vos/hypothesis.html", context, status=status)


def _entries(view: OpportunityView, customer: Customer, names: dict[str, str], currency: str) -> list[dict[str, object]]:
    pack, locators = _pack(view.opportunity), locators_of(present.places_of(view.hypotheses))
    return [
        present.hypothesis_entry(one, pack=pack, customer=customer, names=names, locators=locators, currency=currency)
        for one in view.hypotheses
    ]


def _pack(found: Opportunity | None) -> Pack | None:
    try:
        return pack_at(found.pack_key, found.pack_version) if found and found.pack_key else None
    except PackUnknown:
        return None


def _action(actor: Actor, standing: Standing, view: OpportunityView) -> dict[str, object] | None:
    if view.opportunity is None and not view.evidence:
        return None  # the page itself asks for evidence
    runs = run_entries(*workspace.runs_live(actor, standing.customer))
    live = str(runs[0]["url"]) if runs else ""
    return primary_action(standing, actor, has_evidence=True, live_run=live, packs=workspace.packs_offered())
