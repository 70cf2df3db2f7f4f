"""From nothing to a model, and from a model to a case, by hand."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.editing.start import blank_document, pack_document
from valuefabric.domain.model import ModelDocument
from valuefabric.governance.selectors import pack_current, packs_enabled
from valuefabric.models import Customer
from valuefabric.models.states import IllegalTransition
from valuefabric.services.cases import CaseMismatch
from valuefabric.services.model_cases import model_case_draft
from valuefabric.services.value_models import model_save
from vos.web.forms.model_start import ModelStartForm
from vos.web.model_pages import version_of
from vos.web.places import part_url, tabs
from vos.web.presenters.customers import customer_line
from vos.web.scope import customer_of


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_EDIT)
def start(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A form; it leads to the first version, whose figures are zeros to be filled in."""
    row = customer_of(request, customer)
    packs = [pack_current(key) for key in dict.fromkeys(pack.key for pack in packs_enabled())]
    initial = {"title": _("Value for %(name)s") % {"name": row.name}, "currency": row.currency}
    form = ModelStartForm(request.POST if request.method == "POST" else None, packs=packs, initial=initial)
    if form.is_valid():
        version = model_save(customer=row, document=_document(form, row), reason=_("started by hand"), actor=actor_of(request))
        messages.success(request, _("The model is started. Every figure is zero until you write it."))
        return redirect(f"{part_url(row, 'model')}?version={version.public_id}")
    context = {
        "form": form,
        "cancel_url": part_url(row, "model"),
        "import_url": import_url(row),
        "tabs": tabs(row, "model"),
        "nav_current": "customers",
        "line": customer_line(row),
    }
    return render(request, "vos/model_start.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Permission.MODEL_EDIT)
def case_make(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Draft the business case of the version that is shown."""
    row = customer_of(request, customer)
    version = version_of(request, row)
    if version is None:
        raise Http404
    try:
        model_case_draft(version=version, actor=actor_of(request))
    except (CaseMismatch, IllegalTransition) as refused:
        messages.error(request, str(refused))
        return redirect(part_url(row, "model"))
    messages.success(request, _("The case is drafted from the model. Check its integrity next."))
    return redirect(part_url(row, "case"))


def import_url(customer: Customer) -> str:
    """Where a file becomes a model; empty where there is no such page."""
    try:
        return reverse("web:model_import", args=[customer.public_id])
    except NoReverseMatch:
        return ""


def _document(form: ModelStartForm, customer: Customer) -> ModelDocument:
    model_id = f"by-hand-{customer.public_id}"
    chosen = form.chosen
    if chosen is not None:
        pack, drivers = chosen
        return pack_document(form.frame, pack, drivers, model_id=model_id)
    return blank_document(
        form.frame, model_id=model_id, driver=form.cleaned_data["driver"].strip(), impact=form.cleaned_data["impact"]
    )
