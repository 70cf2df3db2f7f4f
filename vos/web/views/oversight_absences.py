"""Absences: who stands in for whom, until when; for oneself, and for everybody by those who manage members."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from approvals.actions import registered_actions
from approvals.models import Delegation
from approvals.people import names_of, voters_here
from approvals.selectors import visible_delegations
from approvals.services import DelegationRefused, delegation_give, delegation_withdraw
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.forms.oversight_absences import AbsenceForm
from vos.web.oversight_pages import oversight_tabs
from vos.web.presenters.oversight_absences import absence_entry

PAGE = 25
REFUSED = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.APPROVAL_VIEW)
def absences(request: HttpRequest) -> HttpResponse:
    """The list, and the form of a new one for those who vote or manage members."""
    actor = actor_of(request)
    form = _form(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied("Who does not vote here has no votes to hand over.")
        if form.is_valid() and _given(form, actor):
            messages.success(request, _("Handed over. Votes given so carry both names."))
            return redirect("web:oversight_absences")
    now = timezone.now()
    page = Paginator(visible_delegations(actor), PAGE).get_page(request.GET.get("page"))
    names = names_of({who for row in page for who in (row.giver, row.taker, row.by)})
    titles = {action.key: action.title for action in registered_actions()}
    context = {
        "absences": [absence_entry(row, actor, names, titles, now) for row in page],
        "form": form,
        "everybody": actor.allows(Permission.MEMBERS_MANAGE),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "tabs": oversight_tabs(actor, "oversight_absences"),
        "nav_current": "oversight",
        "line": {"name": _("Absences")},
    }
    return render(request, "vos/oversight_absences.html", context, status=REFUSED if form is not None and form.is_bound else 200)


@require_POST
@requires(Permission.APPROVAL_VIEW)
def absence_end(request: HttpRequest, delegation: uuid.UUID) -> HttpResponse:
    """End one now."""
    actor = actor_of(request)
    found = get_object_or_404(visible_delegations(actor), public_id=delegation)
    delegation_withdraw(delegation=found, by=actor)
    messages.success(request, _("Ended. Votes that were given stay."))
    return redirect("web:oversight_absences")


def _form(actor: Actor, posted: Any) -> AbsenceForm | None:
    voters = voters_here()
    manages = actor.allows(Permission.MEMBERS_MANAGE)
    givers = list(voters) if manages else [who for who in voters if who == actor.identifier]
    if not givers:
        return None
    names = names_of(voters)
    named = sorted(((who, names[who]) for who in voters), key=lambda one: one[1])
    mine = sorted((one for one in named if one[0] in givers), key=lambda one: one[0] != actor.identifier)
    actions = [(action.key, action.title) for action in registered_actions()]
    return AbsenceForm(
        posted, givers=mine, takers=[one for one in named if manages or one[0] != actor.identifier], actions=actions
    )


def _given(form: AbsenceForm, actor: Actor) -> Delegation | None:
    """The new one; or None, with the reason in the form."""
    try:
        return delegation_give(**form.cleaned_data, by=actor)
    except DelegationRefused as refused:
        form.add_error(None, str(refused))
        return None
