"""Bring your own spreadsheet: upload, the report of what it would become, and the confirmation that makes it a model."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.storage.services import BlobCorrupted, BlobMissing, blob_get
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.imports import Imported
from valuefabric.domain.model import compute
from valuefabric.models import Customer, Evidence
from valuefabric.selectors.evidence import evidence_visible_to
from valuefabric.selectors.model_imports import import_preview, kept_preview
from valuefabric.selectors.value_models import models_visible_to
from valuefabric.services.evidence import EvidenceError, evidence_add
from valuefabric.services.model_imports import BroughtFile, ModelNotImported, model_import
from valuefabric.services.value_models import ModelChanged, ModelLocked
from vos.web.forms.model_import import ACCEPT, LIMIT, ImportChoicesForm, ModelFileForm
from vos.web.places import part_url, tabs
from vos.web.presenters import model_imports as present
from vos.web.presenters.customers import customer_line
from vos.web.presenters.documents import evidence_url
from vos.web.scope import customer_of

_UNUSABLE = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_EDIT)
def bring(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A file. One that holds a model is kept as evidence and shown as what it would become; another is not kept."""
    row = customer_of(request, customer)
    form = ModelFileForm(request.POST, request.FILES) if request.method == "POST" else ModelFileForm()
    refused = None
    if form.is_valid():
        file = form.cleaned_data["file"]
        name, content = file.name or "model", file.read()
        imported = import_preview(row, name, content)
        if imported.document is not None:
            try:
                kept = evidence_add(customer=row, filename=name, content=content, actor=actor_of(request))
            except EvidenceError as error:
                form.add_error("file", str(error))
            else:
                return redirect("web:model_import_report", row.public_id, kept.public_id)
        else:
            refused = present.refusal_entry(imported.report)
    context = {"form": form, "refused": refused, "accept": ACCEPT, "limit": LIMIT, **_frame(row)}
    return render(request, "vos/model_import.html", context, status=_UNUSABLE if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_EDIT)
def report(request: HttpRequest, customer: uuid.UUID, evidence: uuid.UUID) -> HttpResponse:
    """What the kept file becomes. POST ``do=look`` shows it with the choices, ``do=confirm`` makes it a model."""
    row = customer_of(request, customer)
    kept = _kept(request, row, evidence)
    imported = _preview(kept)
    if imported.document is None:
        raise Http404
    models = list(
        models_visible_to(actor_of(request)).filter(customer=row, withdrawn_at=None, locked_at=None).order_by("-pk")[:5]
    )
    data = request.POST if request.method == "POST" else None
    form = ImportChoicesForm(data, document=imported.document, rows=imported.report.rows, models=models)
    if form.is_valid():
        if request.POST.get("do") == "confirm":
            answer = _confirmed(request, row, kept, form)
            if answer is not None:
                return answer
        imported = _preview(kept, form)
    status = _UNUSABLE if form.is_bound and not form.is_valid() else 200
    return _report_page(request, row, kept, imported, form, status)


def _confirmed(request: HttpRequest, row: Customer, kept: Evidence, form: ImportChoicesForm) -> HttpResponse | None:
    """The new version's page; None, and the form says why, where it could not be saved."""
    try:
        saved = model_import(
            customer=row,
            file=BroughtFile(kept.filename, blob_get(kept.blob)),
            actor=actor_of(request),
            choices=form.choices,
            reason=form.cleaned_data["reason"],
            model=form.model,
        )
    except (ModelChanged, ModelLocked, ModelNotImported) as refused:
        form.add_error(None, str(refused))
        return None
    words = {"name": kept.filename, "n": saved.version.number, "agree": saved.report.agreeing, "all": len(saved.report.compared)}
    messages.success(request, _("%(name)s is version %(n)d of the model; %(agree)d of %(all)d saved figures agree.") % words)
    return redirect(f"{part_url(row, 'model')}?version={saved.version.public_id}")


def _report_page(
    request: HttpRequest, row: Customer, kept: Evidence, imported: Imported, form: ImportChoicesForm, status: int
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "evidence_url": evidence_url(row, kept.public_id), **_frame(row)}
    if imported.document is not None:
        context["report"] = present.report_entry(imported, compute(imported.document), form)
    else:
        context["refused"] = present.refusal_entry(imported.report)
    return render(request, "vos/model_import_report.html", context, status=status)


def _preview(kept: Evidence, form: ImportChoicesForm | None = None) -> Imported:
    try:
        return kept_preview(kept, form.choices) if form is not None else kept_preview(kept)
    except (BlobMissing, BlobCorrupted) as error:
        raise Http404 from error


def _kept(request: HttpRequest, row: Customer, public_id: uuid.UUID) -> Evidence:
    found: Evidence | None = evidence_visible_to(actor_of(request)).filter(customer=row, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _frame(row: Customer) -> dict[str, Any]:
    return {
        "tabs": tabs(row, "model"),
        "cancel_url": part_url(row, "model"),
        "nav_current": "customers",
        "line": customer_line(row),
    }
