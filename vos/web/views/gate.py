"""The conservative gate on pages: of an unsaved draft, and letting a row pass it for a reason that stands in the case."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from approvals.seating import ChainImpossible
from approvals.states import State
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.editing import EditRefused
from valuefabric.models import GateExemption
from valuefabric.selectors.conservative_gate import gate_of
from valuefabric.selectors.model_draft import model_draft
from valuefabric.services.gate_exemption_asking import Exempted, gate_exemption_give
from valuefabric.services.gate_exemptions import ExemptionRefused, gate_exemption_withdraw
from vos.web.drafts import asked_of
from vos.web.model_pages import version_of
from vos.web.places import part_url
from vos.web.presenters.models_draft import refusal_answer
from vos.web.presenters.models_gate import gate_answer
from vos.web.scope import customer_of

_REFUSED = 422


@require_POST
@requires(Permission.MODEL_EDIT)
def draft(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """What the gate finds of the draft, and how that differs from the saved version's findings."""
    try:
        asked = asked_of(request, customer)
        found = model_draft(asked.version, asked.edits)
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)
    before, after = (gate_of(asked.version.model, one) for one in (found.saved_document, found.document))
    return JsonResponse(gate_answer(before, after, found, asked.customer))


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def exempt(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Let a row of the newest version pass a rule, or ask for it where a policy says so."""
    row = customer_of(request, customer)
    version = version_of(request, row)
    if version is None:
        raise Http404
    rule, key, reason = (request.POST.get(name, "") for name in ("rule", "row", "reason"))
    try:
        given = gate_exemption_give(model=version.model, rule=rule, row=key, reason=reason, actor=actor_of(request))
    except (ExemptionRefused, ChainImpossible) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _told(given))
    return redirect(f"{part_url(row, 'model')}?version={version.public_id}#gate")


def _told(given: Exempted) -> str:
    if given.exemption is not None:
        return _("The row passes that rule now, for the reason that you gave. Review the case again.")
    if given.request is not None and given.request.state == State.PENDING:
        return _("It is before the approvers now. The row passes once they have agreed; then review the case again.")
    return _("A rule of the policy allows it. The row passes in a moment; then review the case again.")


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def withdraw(request: HttpRequest, customer: uuid.UUID, exemption: uuid.UUID) -> HttpResponse:
    """Take an exemption back."""
    row = customer_of(request, customer)
    found = GateExemption.objects.filter(model__customer=row, public_id=exemption).select_related("model__customer").first()
    if found is None:
        raise Http404
    gate_exemption_withdraw(exemption=found, actor=actor_of(request))
    messages.success(request, _("The exemption is taken back; a stamped case was reviewed again."))
    return redirect(f"{part_url(row, 'model')}#gate")
