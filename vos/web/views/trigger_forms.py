"""The page that a form trigger is: a typed field for each input that the trigger does not set; sending it starts a run."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.selectors.customers import customers_visible_to
from vos.web.forms.workflow_start import MOST_CUSTOMERS, WorkflowStartForm
from workflows.definition import Definition
from workflows.library import UnknownDefinition, definition_named
from workflows.triggers.models import Kind, Trigger
from workflows.triggers.services import FireRefused, trigger_call

REFUSED = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_START)
def trigger_form(request: HttpRequest, trigger: uuid.UUID) -> HttpResponse:
    """Fill in, send, and see the run. What is refused is shown with what was typed; a form sent twice starts one run."""
    row = get_object_or_404(Trigger, public_id=trigger, kind=Kind.FORM)
    definition, actor = _definition(row), actor_of(request)
    form = WorkflowStartForm(
        request.POST if request.method == "POST" else None,
        definition=definition,
        customers=list(customers_visible_to(actor).order_by("name")[:MOST_CUSTOMERS]),
        given=request.GET.dict(),
        without=frozenset(row.inputs),
        about=bool(row.subject),
    )
    if form.is_valid():
        answer = _sent(request, row, form)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "trigger": {"title": row.title, "enabled": row.enabled, "url": reverse("web:trigger", args=[row.public_id])},
        "workflow": {"title": definition.title, "description": definition.description},
        "key": request.POST.get("key") or str(uuid.uuid4()),
        "nav_current": "runs",
        "line": {"name": row.title},
    }
    return render(request, "vos/trigger_fill.html", context, status=REFUSED if form.is_bound else 200)


def _sent(request: HttpRequest, row: Trigger, form: WorkflowStartForm) -> HttpResponse | None:
    """The run's page; or None, with the reason in the form."""
    actor, key = actor_of(request), request.POST.get("key", "")[:64]
    try:
        # The person's name is in the key, so that nobody's form can be taken for somebody else's.
        firing = trigger_call(trigger=row, inputs=form.run_inputs, actor=actor, key=key and f"{actor.identifier}:{key}")
    except PermissionDenied:
        raise
    except (FireRefused, LookupError) as refused:
        form.add_error(None, str(refused.args[0]))
        return None
    if firing.execution is None:
        form.add_error(None, firing.error)
        return None
    messages.success(request, _("Started."))
    return redirect("web:run", run=firing.execution.public_id)


def _definition(row: Trigger) -> Definition:
    try:
        return definition_named(row.definition)
    except UnknownDefinition as error:
        raise Http404 from error
