"""How many runs of a workflow go at once, and installing the triggers and limits that its definition says."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.forms.limit import LimitForm
from workflows.definition import Definition
from workflows.library import UnknownDefinition, definition_named
from workflows.limits.models import DefinitionLimit
from workflows.publishing.declared import definition_install
from workflows.services.limits import limit_put, limit_remove

REFUSED = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def workflow_limit(request: HttpRequest, name: str) -> HttpResponse:
    """Set the limit, or take it away (``remove``). What is refused is shown with what was typed."""
    definition, limit = _definition(name), DefinitionLimit.objects.filter(definition=name).first()
    actor = actor_of(request)
    if request.method == "POST" and "remove" in request.POST:
        if limit is not None:
            limit_remove(definition=name, actor=actor)
            messages.success(request, _("The limit is gone. Runs that waited for it begin."))
        return redirect("web:workflow", name=name)
    form = LimitForm(request.POST if request.method == "POST" else None, inputs=list(definition.inputs), limit=limit)
    if form.is_valid():
        try:
            limit_put(definition=name, actor=actor, **form.bounds)
        except ValueError as refused:  # nothing said, or half of a rate
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Set. It counts for runs that start from now on."))
            return redirect("web:workflow", name=name)
    context = {
        "form": form,
        "limit": limit,
        "workflow": {"title": definition.title, "url": reverse("web:workflow", args=[name])},
        "nav_current": "runs",
        "line": {"name": definition.title, "url": reverse("web:workflow", args=[name])},
    }
    return render(request, "vos/workflow_limit.html", context, status=REFUSED if form.is_bound else 200)


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def workflow_install(request: HttpRequest, name: str) -> HttpResponse:
    """Have the triggers and limits that the definition says; they act in the name of who does this."""
    _definition(name)
    try:
        made = definition_install(name=name, actor=actor_of(request))
    except PermissionDenied:
        raise
    except (ValueError, LookupError) as refused:
        messages.error(request, str(refused.args[0]))
    else:
        told = _("Installed: %(triggers)s. They start runs in your name.")
        names = ", ".join(row.title for row in made.triggers.values()) or _("its limit")
        messages.success(request, told % {"triggers": names})
    return redirect("web:workflow", name=name)


def _definition(name: str) -> Definition:
    try:
        return definition_named(name)
    except UnknownDefinition as error:
        raise Http404 from error
