"""The sheet while it is edited: drafts computed without being kept, a row's form, and the save of all edits as one version."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.editing import EditRefused, Edits, read_edits, what_if_of
from valuefabric.models import Customer, ModelBranch, ModelVersion
from valuefabric.selectors.model_draft import draft_version, model_draft, saved_document
from valuefabric.selectors.versions import line_head
from valuefabric.services.model_edits import ReasonMissing, model_edits_save
from valuefabric.services.opportunities import QuotationRefused
from valuefabric.services.value_models import BranchClosed, ModelChanged, ModelLocked
from vos.web.forms.sheet_row import SheetRowForm
from vos.web.model_pages import around_context, branch_asked
from vos.web.places import part_url
from vos.web.presenters.models_draft import difference_entries, draft_answer, refusal_answer
from vos.web.presenters.versions import sheet_url
from vos.web.scope import customer_of

_REFUSED = 422
_CHANGED = 409


@dataclass(frozen=True)
class _Asked:
    """What a sheet sent: on which version, the edits so far, and the rest of its message."""

    customer: Customer
    version: ModelVersion
    edits: Edits
    message: dict[str, Any]
    branch: ModelBranch | None

    def text(self, name: str) -> str:
        """A text of the message; empty for what is none."""
        value = self.message.get(name, "")
        return value if isinstance(value, str) else ""


@require_POST
@requires(Permission.MODEL_EDIT)
def draft(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The version with the edits, computed: everything that differs. Writes nothing.

    What cannot be computed is answered with the reason, and is no failure: half of a formula is typed before the whole.
    """
    try:
        asked = _asked(request, customer)
        found = model_draft(asked.version, asked.edits)
    except EditRefused as error:
        return JsonResponse(refusal_answer(error))
    return JsonResponse(draft_answer(found, asked.customer, asked.text("shape"), actor_of(request).identifier))


@require_POST
@requires(Permission.MODEL_EDIT)
def around(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The charts of the draft."""
    try:
        asked = _asked(request, customer)
        found = model_draft(asked.version, asked.edits)
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)
    return render(request, "vos/partials/model_charts.html", around_context(found.document, found.computed))


@require_POST
@requires(Permission.MODEL_EDIT)
def row(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Without ``form``: the form of the draft's row (of a new one for no ``row``). With it: the edits that it comes to."""
    try:
        asked = _asked(request, customer)
        found = model_draft(asked.version, asked.edits)
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)
    key = asked.text("row")
    spec = next((one for one in found.document.rows if one.key == key), None)
    if key and spec is None:
        raise Http404
    values = asked.message.get("form")
    form = SheetRowForm(
        values if isinstance(values, dict) else None, document=found.document, row=spec, driver=asked.text("driver")
    )
    if form.is_bound and form.is_valid():
        made = form.edits()
        try:
            model_draft(asked.version, (*asked.edits, *read_edits(made)))
        except EditRefused as error:
            form.refuse(error)
        else:
            return JsonResponse({"ok": True, "edits": made})
    context = {"form": form, "row": spec, "title": spec.label if spec else _("New row")}
    return render(request, "vos/partials/sheet_row_form.html", context)


@require_POST
@requires(Permission.MODEL_EDIT)
def what_if(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The one edit that keeps what the draft changes as a named what-if, and leaves the base as it is saved."""
    try:
        asked = _asked(request, customer)
        found = model_draft(asked.version, asked.edits)
        made = what_if_of(found.saved_document, found.document, label=asked.text("label"), why=asked.text("why"))
        model_draft(asked.version, read_edits([made]))
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)
    return JsonResponse({"ok": True, "edits": [made]})


@require_POST
@requires(Permission.MODEL_EDIT)
def save(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Keep all edits as the next version; refused where somebody saved another one in between."""
    try:
        asked = _asked(request, customer)
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


def _changed(asked: _Asked) -> dict[str, Any]:
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


def _asked(request: HttpRequest, customer: uuid.UUID) -> _Asked:
    """The message, read. Raises EditRefused for edits that cannot be, Http404 for a version that is not there."""
    owner = customer_of(request, customer)
    try:
        message = json.loads(request.body)
        public_id = uuid.UUID(message["version"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Http404 from error
    version = draft_version(owner, public_id)
    if version is None:
        raise Http404
    return _Asked(owner, version, read_edits(message.get("edits", [])), message, branch_asked(request, version))
