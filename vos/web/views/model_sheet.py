"""The sheet while it is edited: drafts computed without being kept, and the save of all edits as one version."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.editing import EditRefused
from valuefabric.selectors.model_draft import model_draft, saved_document
from valuefabric.selectors.versions import line_head
from valuefabric.services.model_edits import ReasonMissing, model_edits_save
from valuefabric.services.opportunities import QuotationRefused
from valuefabric.services.value_models import BranchClosed, ModelChanged, ModelLocked
from vos.web.drafts import Asked, asked_of
from vos.web.model_pages import around_context
from vos.web.places import part_url
from vos.web.presenters.models_draft import difference_entries, draft_answer, refusal_answer
from vos.web.presenters.versions import sheet_url

_REFUSED = 422
_CHANGED = 409


@require_POST
@requires(Permission.MODEL_EDIT)
def draft(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The version with the edits, computed: everything that differs. Writes nothing.

    What cannot be computed is answered with the reason, and is no failure: half of a formula is typed before the whole.
    """
    try:
        asked = asked_of(request, customer)
        found = model_draft(asked.version, asked.edits)
    except EditRefused as error:
        return JsonResponse(refusal_answer(error))
    return JsonResponse(draft_answer(found, asked.customer, asked.text("shape"), actor_of(request).identifier))


@require_POST
@requires(Permission.MODEL_EDIT)
def around(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The charts of the draft."""
    try:
        asked = asked_of(request, customer)
        found = model_draft(asked.version, asked.edits)
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)
    return render(request, "vos/partials/model_charts.html", around_context(found.document, found.computed))


@require_POST
@requires(Permission.MODEL_EDIT)
def save(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Keep all edits as the next version; refused where somebody saved another one in between."""
    try:
        asked = asked_of(request, customer)
        update = model_edits_save(
            model=asked.version.model,
            edits=asked.edits,
            reason=asked.text("reason"),
            actor=actor_of(request),
            branch=asked.branch,
            expected_version=asked.version.number,
        )
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)
    except (ReasonMissing, ModelLocked, BranchClosed, QuotationRefused) as refused:
        kind = "reason" if isinstance(refused, ReasonMissing) else "refused"
        return JsonResponse({"ok": False, "kind": kind, "text": str(refused)}, status=_REFUSED)
    except ModelChanged:
        return JsonResponse(_changed(asked), status=_CHANGED)
    told = _("Saved as version %(n)d.") % {"n": update.version.number}
    messages.success(request, told)
    url = sheet_url(asked.customer, update.version) if asked.branch else part_url(asked.customer, "model")
    return JsonResponse({"ok": True, "text": told, "number": update.version.number, "url": url})


def _changed(asked: Asked) -> dict[str, Any]:
    """Who saved the newer version, why, and where it can be seen."""
    head = line_head(asked.version.model, asked.branch)
    words = {"n": head.number, "who": names_of([head.by])[head.by], "why": head.reason, "mine": asked.version.number}
    told = _("%(who)s saved version %(n)d in between: %(why)s. Your changes were made on version %(mine)d and are kept.")
    url = sheet_url(asked.customer, head) if asked.branch else part_url(asked.customer, "model")
    return {
        "ok": False,
        "kind": "changed",
        "text": told % words,
        "number": head.number,
        "url": sheet_url(asked.customer, head),
        "page": url,
        "differences": difference_entries(saved_document(asked.version), saved_document(head)),
    }
