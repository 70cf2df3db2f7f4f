"""Workflows: the library, one definition, one pattern, and starting a run by a form."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.selectors.customers import customers_visible_to
from vos.web.forms.workflow_start import MOST_CUSTOMERS, WorkflowStartForm
from vos.web.presenters.starts import starts_shown
from vos.web.presenters.workflows import (
    draft_row,
    pattern_parameters,
    pattern_row,
    patterns_used,
    version_row,
    workflow_row,
    workflow_shown,
)
from vos.web.run_pages import run_tabs
from vos.web.workflow_texts import pattern_text, workflow_text
from vos.web.workspace import query_of
from workflows.definition import Definition
from workflows.library import UnknownDefinition, definition_named, definitions, definitions_here
from workflows.patterns import UnknownPattern, pattern_named, patterns
from workflows.publishing.models import DefinitionState
from workflows.publishing.selectors import text_published, versions_visible_to
from workflows.selectors import executions_visible_to
from workflows.services import execution_start

REFUSED = 422


@require_GET
@requires(Permission.RUN_VIEW)
def workflows(request: HttpRequest) -> HttpResponse:
    """The library: definitions, and the patterns that they are made of."""
    rows = executions_visible_to(actor_of(request)).filter(parent_step=None).order_by()
    runs = dict(rows.values_list("name").annotate(Count("pk")))
    known, actor = definitions_here(), actor_of(request)
    drafts = versions_visible_to(actor).filter(state=DefinitionState.DRAFT)
    may_write = actor.allows(Permission.SETTINGS_MANAGE)
    context = {
        "workflows": [workflow_row(one, runs, is_own=name not in definitions()) for name, one in known.items()],
        "drafts": [draft_row(draft) for draft in drafts] if may_write else [],
        "new_url": reverse("web:workflow_new") if may_write else "",
        "patterns": [
            pattern_row(one, [d.title for d in known.values() if name in patterns_used(d)]) for name, one in patterns().items()
        ],
        "tabs": run_tabs("workflows"),
        "nav_current": "runs",
        "line": {"name": _("Workflows")},
    }
    return render(request, "vos/workflows.html", context)


@require_GET
@requires(Permission.RUN_VIEW)
def workflow(request: HttpRequest, name: str) -> HttpResponse:
    """One definition: its picture, its inputs, its steps, its text, and where it was used."""
    actor, definition = actor_of(request), _definition(name)
    context = {
        "workflow": workflow_shown(definition),
        "text": workflow_text(name) or text_published(name),
        "versions": _versions(request, definition),
        "own": [version_row(row) for row in versions_visible_to(actor).filter(name=name)],
        "may_write": actor.allows(Permission.SETTINGS_MANAGE),
        "copy_url": f"{reverse('web:workflow_new')}?{query_of(**{'from': name})}" if workflow_text(name) else "",
        "patterns": [patterns()[one].title for one in sorted(patterns_used(definition)) if one in patterns()],
        **starts_shown(definition, actor),
        "runs_url": f"{reverse('web:runs')}?{query_of(name=name)}",
        "start_url": reverse("web:workflow_start", args=[name]) if actor.allows(Permission.RUN_START) else "",
        "tabs": run_tabs("workflows"),
        "nav_current": "runs",
        "line": {"name": definition.title},
    }
    return render(request, "vos/workflow.html", context)


@require_GET
@requires(Permission.RUN_VIEW)
def workflow_pattern(request: HttpRequest, name: str) -> HttpResponse:
    """One pattern: what it does, what can be put into it, and its text."""
    try:
        pattern = pattern_named(name)
    except UnknownPattern as error:
        raise Http404 from error
    used = [workflow_row(one, {}) for one in definitions_here().values() if name in patterns_used(one)]
    context = {
        "pattern": pattern_row(pattern, []),
        "parameters": pattern_parameters(pattern),
        "used_by": used,
        "text": pattern_text(name),
        "tabs": run_tabs("workflows"),
        "nav_current": "runs",
        "line": {"name": pattern.title},
    }
    return render(request, "vos/workflow_pattern.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_START)
def workflow_start(request: HttpRequest, name: str) -> HttpResponse:
    """Start a run; what is refused is shown with what was typed. ``?input=value`` fills the form in beforehand."""
    actor, definition = actor_of(request), _definition(name)
    posted = request.POST if request.method == "POST" else None
    customers = list(customers_visible_to(actor).order_by("name")[:MOST_CUSTOMERS])
    form = WorkflowStartForm(posted, definition=definition, customers=customers, given=request.GET.dict())
    if form.is_valid():
        try:
            run = execution_start(definition=definition, inputs=form.run_inputs, subject=form.subject_reference, actor=actor)
        except PermissionDenied:
            raise
        except (ValueError, LookupError) as refused:  # unfit inputs, missing agents: the message says what to do
            form.add_error(None, str(refused.args[0] if refused.args else refused))
        else:
            messages.success(request, _("Started."))
            return redirect("web:run", run=run.public_id)
    context = {
        "form": form,
        "workflow": {
            "title": definition.title,
            "description": definition.description,
            "url": reverse("web:workflow", args=[name]),
        },
        "nav_current": "runs",
        "line": {"name": definition.title},
    }
    return render(request, "vos/workflow_start.html", context, status=REFUSED if form.is_bound else 200)


def _definition(name: str) -> Definition:
    try:
        return definition_named(name)
    except UnknownDefinition as error:
        raise Http404 from error


def _versions(request: HttpRequest, definition: Definition) -> list[dict[str, Any]]:
    """The versions that runs were started with, the newest first, and the present one."""
    rows = executions_visible_to(actor_of(request)).filter(name=definition.name, parent_step=None).order_by()
    used = rows.values("version", "definition_hash").annotate(runs=Count("pk"), last=Max("created_at")).order_by("-last")
    found = [{**row, "current": row["definition_hash"] == definition.content_hash} for row in used]
    if not any(row["current"] for row in found):
        found.insert(0, {"version": definition.version, "runs": 0, "last": None, "current": True})
    return found
