"""Forms of the sheet in the drawer: row, driver, columns, what-ifs. Each answers its fields, or the edits that it comes to.

While somebody fills one in, ``look`` asks for a picture of what is being described; a form that does not fit yet has none.
"""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.editing import EditRefused, Problem, read_edits, what_if_of
from valuefabric.domain.model import FormulaError
from valuefabric.selectors.model_draft import ModelDraft, model_draft
from vos.web.drafts import Asked, asked_of
from vos.web.forms.sheet_driver import SheetDriverForm
from vos.web.forms.sheet_row import SheetRowForm
from vos.web.forms.sheet_settings import SheetSettingsForm
from vos.web.forms.sheet_what_if import SheetWhatIfForm
from vos.web.places import part_url
from vos.web.presenters import models_looks as looks
from vos.web.presenters.models_draft import refusal_answer
from vos.web.presenters.models_what_ifs import what_if_entries

_REFUSED = 422

type Form = SheetRowForm | SheetDriverForm | SheetSettingsForm | SheetWhatIfForm
type Look = Callable[[ModelDraft], dict[str, str]]


@require_POST
@requires(Permission.MODEL_EDIT)
def row(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A row's form; of a new one for no ``row``."""

    def answer(asked: Asked, found: ModelDraft) -> HttpResponse:
        key = asked.text("row")
        spec = next((one for one in found.document.rows if one.key == key), None)
        if key and spec is None:
            raise Http404
        form = SheetRowForm(asked.form, document=found.document, row=spec, driver=asked.text("driver"))
        context = {"row": spec, "title": spec.label if spec else _("New row")}
        if form.is_bound and form.is_valid():
            return _taken(request, asked, form, partial(looks.row_look, row=form.row_key), "sheet_row_form", context)
        return _form(request, asked, form, "sheet_row_form", {**context, **(looks.row_look(found, key) if spec else {})})

    return _answered(request, customer, answer)


@require_POST
@requires(Permission.MODEL_EDIT)
def driver(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A driver's form; of a new one for no ``driver``."""

    def answer(asked: Asked, found: ModelDraft) -> HttpResponse:
        key = asked.text("driver")
        spec = next((one for one in found.document.drivers if one.key == key), None)
        if key and spec is None:
            raise Http404
        form = SheetDriverForm(asked.form, document=found.document, driver=spec)
        context = {"driver": spec, "title": spec.label if spec else _("New driver")}
        if form.is_bound and form.is_valid():
            return _taken(request, asked, form, partial(looks.driver_look, driver=form.key), "sheet_driver_form", context)
        return _form(request, asked, form, "sheet_driver_form", {**context, **(looks.driver_look(found, key) if spec else {})})

    return _answered(request, customer, answer)


@require_POST
@requires(Permission.MODEL_EDIT)
def settings(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The form of the columns, the contract and the rate."""

    def answer(asked: Asked, found: ModelDraft) -> HttpResponse:
        form = SheetSettingsForm(asked.form, document=found.document)
        if form.is_bound and form.is_valid():
            return _taken(request, asked, form, looks.columns_look, "sheet_settings_form", {})
        return _form(request, asked, form, "sheet_settings_form", looks.columns_look(found))

    return _answered(request, customer, answer)


@require_POST
@requires(Permission.MODEL_EDIT)
def what_ifs(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """All what-ifs of the draft beside its base, each to be changed or deleted."""

    def answer(asked: Asked, found: ModelDraft) -> HttpResponse:
        context = {
            "what_ifs": what_if_entries(found, asked.customer),
            "beside_url": f"{part_url(asked.customer, 'model_risk')}?version={asked.version.public_id}#scenarios",
            "has_edits": bool(asked.edits),
        }
        return render(request, "vos/partials/sheet_what_ifs.html", context)

    return _answered(request, customer, answer)


@require_POST
@requires(Permission.MODEL_EDIT)
def what_if_form(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A what-if's form; of a new one for no ``scenario``."""

    def answer(asked: Asked, found: ModelDraft) -> HttpResponse:
        key = asked.text("scenario")
        spec = next((one for one in found.document.scenarios if one.key == key), None)
        if key and spec is None:
            raise Http404
        form = SheetWhatIfForm(asked.form, document=found.document, scenario=spec)
        context = {"scenario": spec, "title": spec.label if spec else _("New what-if")}
        if form.is_bound and form.is_valid():
            return _taken(request, asked, form, partial(looks.what_if_look, scenario=form.key), "sheet_what_if_form", context)
        return _form(request, asked, form, "sheet_what_if_form", {**context, **(looks.what_if_look(found, key) if spec else {})})

    return _answered(request, customer, answer)


@require_POST
@requires(Permission.MODEL_EDIT)
def what_if(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """The one edit that keeps what the draft changes as a named what-if, and leaves the base as it is saved."""

    def answer(asked: Asked, found: ModelDraft) -> HttpResponse:
        made = what_if_of(found.saved_document, found.document, label=asked.text("label"), why=asked.text("why"))
        model_draft(asked.version, read_edits([made]))
        return JsonResponse({"ok": True, "edits": [made]})

    return _answered(request, customer, answer)


def _answered(request: HttpRequest, customer: uuid.UUID, answer: Callable[[Asked, ModelDraft], HttpResponse]) -> HttpResponse:
    """The answer about the draft that was sent; a draft that cannot be computed is refused."""
    try:
        asked = asked_of(request, customer)
        return answer(asked, model_draft(asked.version, asked.edits))
    except EditRefused as error:
        return JsonResponse(refusal_answer(error), status=_REFUSED)


def _form(request: HttpRequest, asked: Asked, form: Form, template: str, context: dict[str, Any]) -> HttpResponse:
    """The fields, as they were filled in; while they are, only why there is no picture of it."""
    if asked.looks:
        return JsonResponse({"ok": False})
    return render(request, f"vos/partials/{template}.html", {"form": form, **context})


def _taken(request: HttpRequest, asked: Asked, form: Form, look: Look, template: str, context: dict[str, Any]) -> HttpResponse:
    """The edits, if they fit the draft; else the form with what does not."""
    made = form.edits()
    try:
        draft = model_draft(asked.version, (*asked.edits, *read_edits(made)))
        picture = look(draft)  # of a what-if this is what tells whether it can be computed
    except EditRefused as error:
        form.refuse(error)
    except FormulaError as error:
        form.refuse(EditRefused([Problem(error.message, error.row, error.period, "formula", error.position)]))
    except ValueError as error:  # a scenario that cannot be made of the base
        form.refuse(EditRefused([Problem(str(error))]))
    else:
        return JsonResponse({"ok": True, "looks": picture} if asked.looks else {"ok": True, "edits": made})
    return _form(request, asked, form, template, context)
