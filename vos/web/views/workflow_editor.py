"""A tenant's own workflows: writing the text with its problems and its picture beside it, publishing, retiring."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.presenters.flows import graph_flow, insides_of
from vos.web.workflow_check import Checked, text_check, version_raised
from vos.web.workflow_texts import STARTER, workflow_text
from workflows.definition import DefinitionError
from workflows.definition.graph import definition_graph
from workflows.library import UnknownDefinition
from workflows.publishing.models import DefinitionState, DefinitionVersion
from workflows.publishing.selectors import versions_visible_to
from workflows.publishing.services import (
    PublishingRefused,
    definition_draft_delete,
    definition_draft_save,
    definition_publish,
    definition_retire,
)

LONGEST = 256 * 1024
REFUSED = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def workflow_new(request: HttpRequest) -> HttpResponse:
    """A first text to write on; with ``?from=<name>`` a copy of a workflow of the product under another name."""
    source = workflow_text(request.GET.get("from", ""))
    text = source.replace("\nname: ", "\nname: my_", 1) if source else STARTER
    return _editor(request, text, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def workflow_edit(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """A draft, or the next version of one that is published."""
    row = _version(request, version)
    is_draft = row.state == DefinitionState.DRAFT
    return _editor(request, row.text if is_draft else version_raised(row.text), row if is_draft else None)


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def workflow_check(request: HttpRequest) -> HttpResponse:
    """What is wrong with a text by line, and its picture; nothing is kept."""
    return render(request, "vos/partials/workflow_check.html", _look(text_check(_text(request))))


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def workflow_draft_delete(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """Throw a draft away."""
    row = _version(request, version)
    try:
        definition_draft_delete(version=row, actor=actor_of(request))
    except PublishingRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The draft is deleted."))
    return redirect("web:workflows")


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def workflow_retire(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """Have no run started of a version any more."""
    row = _version(request, version)
    try:
        definition_retire(version=row, actor=actor_of(request))
    except PublishingRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Retired. Runs under way go on."))
    return redirect("web:workflows")


def _editor(request: HttpRequest, text: str, row: DefinitionVersion | None) -> HttpResponse:
    if request.method == "POST":
        text = _text(request)
        try:
            return _saved(request, text)
        except DefinitionError:
            told = _("It cannot be saved before these are mended. What you wrote is still here.")
        except (ValueError, UnknownDefinition) as refused:  # names, versions, circles, triggers
            told = str(refused.args[0])
        return render(request, "vos/workflow_editor.html", _page(text, row, told), status=REFUSED)
    return render(request, "vos/workflow_editor.html", _page(text, row, ""))


def _saved(request: HttpRequest, text: str) -> HttpResponse:
    actor = actor_of(request)
    row = definition_draft_save(text=text, actor=actor)
    if request.POST.get("action") != "publish":
        messages.success(request, _("Saved as a draft. Publish it to have runs started of it."))
        return redirect("web:workflow_edit", version=row.public_id)
    definition_publish(version=row, actor=actor)
    messages.success(request, _("Published as version %(version)s.") % {"version": row.version})
    return redirect("web:workflow", name=row.name)


def _page(text: str, row: DefinitionVersion | None, told: str) -> dict[str, Any]:
    title = row.title if row else _("Write a workflow")
    return {
        "text": text,
        "lines": "\n".join(map(str, range(1, text.count("\n") + 2))),
        "told": told,
        "title": title,
        "delete_url": reverse("web:workflow_draft_delete", args=[row.public_id]) if row else "",
        "nav_current": "runs",
        "line": {"name": title, "url": reverse("web:workflows"), "status": "draft"},
        **_look(text_check(text)),
    }


def _look(checked: Checked) -> dict[str, Any]:
    graph = definition_graph(checked.definition) if checked.definition else None
    return {
        "problems": checked.problems,
        "reads": checked.definition is not None,
        "flow": graph_flow(graph, title=checked.definition.title, href=lambda _key: "") if graph and checked.definition else "",
        "insides": insides_of(graph) if graph else [],
    }


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")[:LONGEST].replace("\r\n", "\n").replace("\x00", "")


def _version(request: HttpRequest, public_id: uuid.UUID) -> DefinitionVersion:
    row = versions_visible_to(actor_of(request)).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row
