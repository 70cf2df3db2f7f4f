"""A run and one of its forks side by side."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.presenters.run_compare import branch_head, inputs_beside, steps_beside
from vos.web.run_pages import detail_of, subjects_of
from workflows.interventions.models import TakenOver
from workflows.selectors import usage_by_step


@require_GET
@requires(Permission.RUN_VIEW)
def run_compare(request: HttpRequest, run: uuid.UUID, fork: uuid.UUID) -> HttpResponse:
    """What was changed, where they went apart, and what each cost; Http404 for two runs that are no run and its fork."""
    actor = actor_of(request)
    before, after = detail_of(actor, run), detail_of(actor, fork)
    if after.execution.forked_from_id != before.execution.pk:
        raise Http404
    used = usage_by_step([before.execution, after.execution])
    sides = used.get(before.execution.pk, {}), used.get(after.execution.pk, {})
    steps = [view.step for view in before.steps], [view.step for view in after.steps]
    taken_over = set(TakenOver.objects.filter(step__execution=after.execution).values_list("step__key", flat=True))
    subject = subjects_of(actor, [before.execution]).get(before.execution.subject, "")
    from_step = next((step.title for step in steps[0] if step.key == after.execution.fork_step), after.execution.fork_step)
    context = {
        "title": before.execution.title,
        "from_step": from_step,
        "before": branch_head(before.execution, sides[0], steps[0]),
        "after": branch_head(after.execution, sides[1], steps[1]),
        "inputs": inputs_beside(before.execution.inputs, after.execution.inputs),
        "steps": steps_beside(*steps, taken_over, sides),
        "nav_current": "runs",
        "line": {"name": subject or before.execution.title},
    }
    return render(request, "vos/run_compare.html", context)
