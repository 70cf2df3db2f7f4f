"""A run and one of its forks side by side."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.presenters.run_compare import branch_head, inputs_beside, steps_beside
from vos.web.run_pages import subjects_of
from workflows.models import Execution
from workflows.selectors.forks import executions_compare


@require_GET
@requires(Permission.RUN_VIEW)
def run_compare(request: HttpRequest, run: uuid.UUID, fork: uuid.UUID) -> HttpResponse:
    """What was changed, where they went apart, and what each cost; Http404 for two runs that are no run and its fork."""
    actor = actor_of(request)
    try:
        compared = executions_compare(actor, left=run, right=fork)
    except Execution.DoesNotExist as error:
        raise Http404 from error
    before, after = compared.left, compared.right
    if after.forked_from_id != before.pk:
        raise Http404
    subject = subjects_of(actor, [before]).get(before.subject, "")
    context = {
        "title": before.title,
        "from_step": next((step.title for step in compared.steps if step.key == after.fork_step), after.fork_step),
        "before": branch_head(before, compared.left_total, [step.left for step in compared.steps]),
        "after": branch_head(after, compared.right_total, [step.right for step in compared.steps]),
        "inputs": inputs_beside(before.inputs, after.inputs, {before.subject.partition(":")[2]: subject} if subject else {}),
        "steps": steps_beside(compared.steps),
        "nav_current": "runs",
        "line": {"name": subject or before.title},
    }
    return render(request, "vos/run_compare.html", context)
