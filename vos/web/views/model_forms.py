"""Forms of the sheet in the drawer: row, driver, columns, what-ifs. Each answers its fields, or the edits that it comes to.

While somebody fills one in, ``look`` asks for a picture of what is being described; a form that does not fit yet has none.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.editing import EditRefused, Problem, read_edits, what_if_of
from valuefabric.domain.model import FormulaError, ModelDocument
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


@dataclass(frozen=True)
class _Part:
    """A part of a model with a form of its own: its name in requests and templates, where it lies, its form and its picture."""

    name: str
    template: str
    new: str | Promise
    among: Callable[[ModelDocument], Sequence[Any]]
    form: Callable[[Asked, ModelDocument, Any], Form]
    look: Callable[[ModelDraft, str], dict[str, str]]
    key: Callable[[Any], str] = attrgetter("key")


_ROW = _Part(
    "row",
    "sheet_row_form",
    gettext_lazy("New row"),
    among=lambda document: document.rows,
    form=lambda asked, document, row: SheetRowForm(asked.form, document=document, row=row, driver=asked.text("driver")),
    look=lambda draft, key: looks.row_look(draft, row=key),
    key=attrgetter("row_key"),
)
_DRIVER = _Part(
    "driver",
    "sheet_driver_form",
    gettext_lazy("New driver"),
    among=lambda document: document.drivers,
    form=lambda asked, document, driver: SheetDriverForm(asked.form, document=document, driver=driver),
    look=lambda draft, key: looks.driver_look(draft, driver=key),
)
_WHAT_IF = _Part(
    "scenario",
    "sheet_what_if_form",
    gettext_lazy("New what-if"),
    among=lambda document: document.scenarios,
    form=lambda asked, document, scenario: SheetWhatIfForm(asked.form, document=document, scenario=scenario),
    look=lambda draft, key: looks.what_if_look(draft, scenario=key),
)


@require_POST
@requires(Permission.MODEL_EDIT)
def row(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A row's form; of a new one for no ``row``."""
    return _answered(request, customer, partial(_part_form, request, _ROW))


@require_POST
@requires(Permission.MODEL_EDIT)
def driver(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """A driver's form; of a new one for no ``driver``."""
    return _answered(request, customer, partial(_part_form, request, _DRIVER))


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
    return _answered(request, customer, partial(_part_form, request, _WHAT_IF))


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


def _part_form(request: HttpRequest, part: _Part, asked: Asked, found: ModelDraft) -> HttpResponse:
    """The form of the part that is asked for, or a new one's; filled in, the edits that it comes to. 404 for one that is gone."""
    key = asked.text(part.name)
    spec = next((one for one in part.among(found.document) if one.key == key), None)
    if key and spec is None:
        raise Http404
    form = part.form(asked, found.document, spec)
    context = {part.name: spec, "title": spec.label if spec else part.new}
    if form.is_bound and form.is_valid():
        return _taken(request, asked, form, lambda draft: part.look(draft, part.key(form)), part.template, context)
    return _form(request, asked, form, part.template, {**context, **(part.look(found, key) if spec else {})})


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
