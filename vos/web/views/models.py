"""The model: the sheet with its scenarios, editing a row, and the source of any cell."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.model import FormulaError, Row
from valuefabric.models import Customer, ModelBranch, ModelVersion
from valuefabric.selectors.cases import cases_standing
from valuefabric.selectors.cell_source import CellError, CellSource, cell_source, scenario_of
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.evidence import evidence_names
from valuefabric.selectors.versions import line_head
from valuefabric.services.value_models import BranchClosed, ModelChanged, ModelLocked, RowRefused, RowUpdate, model_row_update
from vos.web.forms.row import RowForm
from vos.web.model_pages import Shown, branch_asked, model_context, scenario_asked, version_of
from vos.web.places import part_url, tabs
from vos.web.presenters.customers import customer_line
from vos.web.presenters.models_sheet import Refusal
from vos.web.presenters.models_source import SourceOf
from vos.web.presenters.versions import sheet_url
from vos.web.replies import toast
from vos.web.scope import customer_of, is_partial


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def model(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The sheet in one scenario; ``?version=`` shows an older one."""
    row = customer_of(request, customer)
    version = version_of(request, row)
    if version is None and request.GET.get("version"):
        raise Http404
    context, actor = _frame(row), actor_of(request)
    if version is not None:
        context |= model_context(Shown(row, version, actor, scenario_asked(request, version), branch_asked(request, version)))
        context["action"] = _next(row, version, actor, branch_asked(request, version))
    elif actor.allows(Permission.MODEL_EDIT):
        context["start_url"] = part_url(row, "model_start")
    return render(request, "vos/model.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_EDIT)
def row_edit(request: HttpRequest, customer: uuid.UUID, row: str) -> HttpResponse:
    """GET: the row's form, for a browser without script. POST saves it as a new version; the answer is the sheet."""
    owner = customer_of(request, customer)
    version = version_of(request, owner)
    spec = _input_row(version, row)
    if version is None or spec is None:
        raise Http404
    if request.method == "GET":
        return _form_page(request, version, RowForm(None, row=spec, document=document_of(version)))
    form = RowForm(request.POST, row=spec, document=document_of(version))
    if not form.is_valid():
        return _form_page(request, version, form)
    return _saved(request, version, form)


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def source(request: HttpRequest, customer: uuid.UUID, cell: str) -> HttpResponse:
    """Where a figure comes from: a row's cell, a driver's, a measure's, a convention's; in the drawer if a script asks."""
    row = customer_of(request, customer)
    version = version_of(request, row)
    if version is None:
        raise Http404
    try:
        found = cell_source(version, cell)
        scenario, _name = scenario_of(cell)
    except CellError as error:
        raise Http404 from error
    case = cases_standing(row).only("version", "model_version").first()
    told = SourceOf(
        found,
        customer=row,
        version=version,
        document=document_of(version),
        scenario=scenario,
        evidence=evidence_names(row),
        case=case if case and case.model_version_id == version.pk else None,
    )
    context = {"source": told.entry(), "comments_url": _comments_url(row, version, found)}
    if is_partial(request):
        return render(request, "vos/partials/source.html", context)
    return render(request, "vos/source.html", {**context, **_frame(row)})


def _comments_url(customer: Customer, version: ModelVersion, source: CellSource) -> str:
    """Where the comments on a row's figure are; empty for what is no figure of a row."""
    head, _dot, period = source.cell.partition(".")
    if head not in {one["key"] for one in version.document["rows"]}:
        return ""
    place = {"version": version.public_id, "row": head, "period": period if period in version.document["periods"] else ""}
    return f"{part_url(customer, 'model_comments')}?{urlencode(place)}"


def _next(customer: Customer, version: ModelVersion, actor: Actor, branch: ModelBranch | None) -> dict[str, Any] | None:
    """The page's one action: make the case where there is none, else have it checked; neither is about a branch."""
    if branch is not None:
        return None
    if actor.allows(Permission.MODEL_EDIT) and not cases_standing(customer).exists():
        url = f"{part_url(customer, 'model_case')}?version={version.public_id}"
        return {"label": _("Make the business case"), "url": url, "post": True, "icon": "file-text"}
    return {"label": _("Check integrity"), "url": part_url(customer, "integrity"), "icon": "shield-check"}


def _saved(request: HttpRequest, version: ModelVersion, form: RowForm) -> HttpResponse:
    """Save the row; a refusal shows the form (or the sheet as it is by now) with what to do, and keeps what was typed."""
    reason, branch = form.cleaned_data["reason"], branch_asked(request, version)
    try:
        update = model_row_update(
            model=version.model,
            row=form.row.key,
            reason=reason,
            actor=actor_of(request),
            branch=branch,
            expected_version=version.number,
            **form.edit(),
        )
    except (RowRefused, FormulaError) as refused:
        form.add_error(None, str(refused))
        return _form_page(request, version, form)
    except (ModelLocked, ModelChanged, BranchClosed) as refused:
        refusal = Refusal(text=str(refused), title=_("Not saved: %(row)s") % {"row": form.row.label})
        return _sheet(request, line_head(version.model, branch), branch=branch, refusal=refusal, status=409)
    return _sheet(request, update.version, branch=update.version.branch, update=update)


def _sheet(
    request: HttpRequest,
    version: ModelVersion,
    *,
    branch: ModelBranch | None = None,
    update: RowUpdate | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The sheet and what stands around it; for a browser without script the whole page, or back to it."""
    customer: Customer = version.model.customer
    reason = request.POST.get("reason", "")
    if not is_partial(request) and update is not None:
        messages.success(request, _told(update))
        return redirect(sheet_url(customer, version) if branch else part_url(customer, "model"))
    shown = Shown(customer, version, actor_of(request), branch=branch, update=update, refusal=refusal, reason=reason)
    context = model_context(shown)
    if not is_partial(request):
        return render(request, "vos/model.html", {**_frame(customer), **context}, status=status)
    response = render(request, "vos/partials/sheet_answer.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#sheet", "outerHTML"
    return toast(response, _told(update)) if update else response


def _form_page(request: HttpRequest, version: ModelVersion, form: RowForm) -> HttpResponse:
    customer = version.model.customer
    context: dict[str, Any] = {"form": form, "row": form.row, "action_url": request.get_full_path()}
    status = 422 if form.is_bound else 200
    if is_partial(request):
        response = render(request, "vos/partials/row_form.html", context, status=status)
        if form.is_bound:  # the form's own target is the sheet; what is wrong belongs where it was typed
            response["HX-Retarget"], response["HX-Reswap"] = "#drawer-content", "innerHTML"
        return response
    context |= {**_frame(customer), "back_url": part_url(customer, "model")}
    return render(request, "vos/row_edit.html", context, status=status)


def _told(update: RowUpdate) -> str:
    count = len(update.changes)
    if not count:
        return _("Saved as version %(n)d; no figure changed.") % {"n": update.version.number}
    return _("Saved as version %(n)d; %(count)d figures changed.") % {"n": update.version.number, "count": count}


def _input_row(version: ModelVersion | None, key: str) -> Row | None:
    """The row of that key, if figures can be typed into it; a formula's follow from others."""
    rows = document_of(version).rows if version else ()
    return next((row for row in rows if row.key == key and row.values is not None), None)


def _frame(customer: Customer) -> dict[str, Any]:
    return {
        "tabs": tabs(customer, "model"),
        "build_url": part_url(customer, "opportunity"),
        "nav_current": "customers",
        "line": customer_line(customer),
    }
