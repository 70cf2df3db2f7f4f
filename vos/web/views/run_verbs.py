"""What people do with a run: at once, or by a form that asks for a reason or changed values. Each verb is one service."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.forms.run_verbs import (
    ForkForm,
    MessageForm,
    PriorityForm,
    ReasonForm,
    SignalForm,
    fork_specs,
    output_of,
    output_specs,
)
from vos.web.forms.typed import TypedForm
from vos.web.presenters.run_verbs import AT_ONCE, run_verbs, step_verbs
from vos.web.run_pages import detail_of, subjects_of
from vos.web.scope import is_partial
from vos.web.templatetags.look import undo_tag
from workflows.models import Execution, Step
from workflows.services import (
    execution_cancel,
    execution_pause,
    execution_prioritise,
    execution_resume,
    execution_roll_back,
    step_retry,
    step_skip,
)
from workflows.services.control import step_settle
from workflows.services.forking import execution_fork
from workflows.services.overriding import step_override, step_override_undo
from workflows.services.signals import signal_send
from workflows.services.steering import step_steer

REFUSED = 422
_RUN_VERBS = ("pause", "resume", "fork", "priority", "cancel", "roll_back")
_STEP_VERBS = ("retry", "skip", "settle", "override", "override_undo", "fork", "steer", "signal")


@dataclass(frozen=True)
class Doing:
    """One verb about to be done: by whom, with what, and the form that was filled in (None for what is done at once)."""

    actor: Actor
    run: Execution
    step: Step | None
    form: TypedForm | None

    @property
    def data(self) -> dict[str, Any]:
        """What was filled in."""
        return self.form.cleaned_data if self.form else {}


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_CONTROL)
def run_do(request: HttpRequest, run: uuid.UUID, verb: str) -> HttpResponse:
    """Do something with the whole run, or ask for what that takes."""
    detail = detail_of(actor_of(request), run)
    steps = [view.step for view in detail.steps]
    offered = {one["key"]: one for one in run_verbs(detail.execution, steps)}
    # A page that stood open may still offer what another person has done meanwhile; the service says what is wrong with it.
    return _do(request, detail.execution, None, verb, offered, set(_RUN_VERBS))


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_CONTROL)
def step_do(request: HttpRequest, run: uuid.UUID, step: str, verb: str) -> HttpResponse:
    """Do something with one step, or ask for what that takes."""
    detail = detail_of(actor_of(request), run)
    found = get_object_or_404(detail.execution.steps.select_related("execution"), key=step)
    offered = {one["key"]: one for one in step_verbs(detail.execution, found, [view.step for view in detail.steps])}
    return _do(request, detail.execution, found, verb, offered, set(_STEP_VERBS))


def _do(
    request: HttpRequest, run: Execution, step: Step | None, verb: str, offered: dict[str, Any], known: set[str]
) -> HttpResponse:
    if verb not in known:
        raise Http404
    if verb in AT_ONCE:
        return _at_once(request, Doing(actor_of(request), run, step, None), verb)
    form = _form(verb, run, step, request.POST if request.method == "POST" else None)
    why_not = offered.get(verb, {}).get("why_not", "")
    if form.is_bound and form.is_valid():
        try:
            return _done(request, Doing(actor_of(request), run, step, form), verb)
        except PermissionDenied:
            raise
        except ValueError as refused:  # every refusal of these services is one, and says what to do instead
            form.add_error(None, str(refused))
    context = {
        "form": form,
        "verb": _TOLD[verb],
        "why_not": why_not,
        "step": step,
        "run": {"title": run.title, "url": _page(run, step)},
        "post_url": request.get_full_path(),
        "nav_current": "runs",
        "line": {"name": next(iter(subjects_of(actor_of(request), [run]).values()), run.title)},
    }
    template = "vos/partials/run_verb.html" if is_partial(request) else "vos/run_verb.html"
    return render(request, template, context, status=REFUSED if form.is_bound else 200)


def _at_once(request: HttpRequest, doing: Doing, verb: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        return _done(request, doing, verb)
    except PermissionDenied:
        raise
    except ValueError as refused:
        messages.error(request, str(refused))
    return redirect(_after(request, doing.run, doing.step))


def _done(request: HttpRequest, doing: Doing, verb: str) -> HttpResponse:
    changed = _DEEDS[verb](doing)
    undo = {"pause": "resume", "resume": "pause"}.get(verb)
    tag = undo_tag(reverse("web:run_do", args=[doing.run.public_id, undo])) if undo else ""
    messages.success(request, _TOLD[verb]["done"], extra_tags=tag)
    where = _page(changed, None) if verb == "fork" else _after(request, doing.run, doing.step)
    if is_partial(request):
        return HttpResponse(status=204, headers=_leading_to(request, where))
    return redirect(where)


def _leading_to(request: HttpRequest, where: str) -> dict[str, str]:
    """A browser that is on the page already would only jump to its step, and show neither the change nor that it was done."""
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return {"HX-Refresh": "true"} if here == urlsplit(where).path else {"HX-Redirect": where}


def _after(request: HttpRequest, run: Execution, step: Step | None) -> str:
    """Where a verb leads when it is done: back to where it was pressed."""
    return reverse("web:oversight") if request.GET.get("back") == "oversight" else _page(run, step)


def _page(run: Execution, step: Step | None) -> str:
    page = reverse("web:run", args=[run.public_id])
    return f"{page}#step-{step.key}" if step else page


def _form(verb: str, run: Execution, step: Step | None, posted: Any) -> TypedForm:
    if verb == "steer":
        return MessageForm(posted, specs={})
    if verb == "signal":
        return SignalForm(posted, specs={})
    if verb == "priority":
        return PriorityForm(posted, specs={}, initial={"priority": run.priority or "normal"})
    if verb == "fork":
        begun = [(one.key, one.title) for one in run.steps.order_by("position") if one.state != "bypassed"]
        initial = {"step": step.key if step else begun[0][0]}
        return ForkForm(posted, specs=fork_specs(run), given=run.inputs, steps=begun, initial=initial)
    if verb in ("override", "skip") and step is not None:
        specs, given = output_specs(step)
        return ReasonForm(posted, specs=specs if verb == "override" else {}, given=given)
    return ReasonForm(posted, specs={})


def _override(doing: Doing) -> Any:
    step, form = _step(doing), doing.form
    output = output_of(form.values, step) if form else {}
    return step_override(step=step, output=output, reason=doing.data["reason"], actor=doing.actor)


def _fork(doing: Doing) -> Any:
    values = doing.form.values if doing.form else {}
    changed = {name: value for name, value in values.items() if value != doing.run.inputs.get(name)}
    return execution_fork(
        execution=doing.run, step=doing.data["step"], inputs=changed, reason=doing.data["reason"], actor=doing.actor
    )


def _step(doing: Doing) -> Step:
    if doing.step is None:
        raise Http404
    return doing.step


_DEEDS: dict[str, Callable[[Doing], Any]] = {
    "pause": lambda d: execution_pause(execution=d.run, actor=d.actor),
    "resume": lambda d: execution_resume(execution=d.run, actor=d.actor),
    "cancel": lambda d: execution_cancel(execution=d.run, reason=d.data["reason"], actor=d.actor),
    "roll_back": lambda d: execution_roll_back(execution=d.run, reason=d.data["reason"], actor=d.actor),
    "retry": lambda d: step_retry(step=_step(d), actor=d.actor),
    "skip": lambda d: step_skip(step=_step(d), reason=d.data["reason"], actor=d.actor),
    "settle": lambda d: step_settle(step=_step(d), reason=d.data["reason"], actor=d.actor),
    "steer": lambda d: step_steer(step=_step(d), message=d.data["message"], actor=d.actor),
    "signal": lambda d: signal_send(execution=d.run, name=_step(d).waiting_key, payload=d.data["payload"] or {}, actor=d.actor),
    "override": _override,
    "override_undo": lambda d: step_override_undo(step=_step(d), reason=d.data["reason"], actor=d.actor),
    "priority": lambda d: execution_prioritise(execution=d.run, priority=d.data["priority"], actor=d.actor),
    "fork": _fork,
}
# What each verb is called, what it does, what its button says, and what is said when it is done.
_TOLD: dict[str, dict[str, Any]] = {
    "pause": {"done": _("Paused. What is running ends; nothing new begins.")},
    "resume": {"done": _("Goes on.")},
    "retry": {"done": _("Is tried again.")},
    "cancel": {
        "title": _("Cancel the run"),
        "text": _("It ends here. What it has done stays, and can still be rolled back."),
        "button": _("Cancel the run"),
        "danger": True,
        "done": _("Cancelled. What it had done stays."),
    },
    "roll_back": {
        "title": _("Roll the run back"),
        "text": _(
            "Its steps are undone, the last first. What cannot be undone stops it and asks for you. This cannot be taken back."
        ),
        "button": _("Roll back"),
        "danger": True,
        "done": _("Rolls back, the last step first."),
    },
    "skip": {
        "title": _("Skip the step"),
        "text": _("The run goes past it. Later steps read nothing in place of its output."),
        "button": _("Skip"),
        "done": _("Skipped."),
    },
    "settle": {
        "title": _("Settle by hand"),
        "text": _("Say how you undid it yourself; the run then goes on rolling back."),
        "button": _("It is undone"),
        "done": _("Settled; the run goes on rolling back."),
    },
    "override": {
        "title": _("Override the output"),
        "text": _("Later steps read this instead. It is checked like the step's own output; what was there before is kept."),
        "button": _("Override"),
        "done": _("Later steps read the new output."),
    },
    "override_undo": {
        "title": _("Undo the override"),
        "text": _("The step's own output counts again. It is possible as long as no later step has read the other one."),
        "button": _("Undo it"),
        "done": _("The step's own output counts again."),
    },
    "priority": {
        "title": _("Raise or lower the run"),
        "text": _(
            "Its agents' model calls, and its place among runs that wait for room, follow the class. Calls that wait now rise "
            "too; nothing falls while it waits."
        ),
        "button": _("Change it"),
        "done": _("Its priority is changed."),
    },
    "steer": {
        "title": _("Tell the agent something"),
        "text": _(
            "The agent reads it in its next question to a model, without being stopped. Said before it begins, its deterministic "
            "method honours “Leave out <driver>”, “Note: <text>” and “Never say <words>”. The history says what became of it."
        ),
        "button": _("Send"),
        "done": _("Sent. The history will say what became of it."),
    },
    "signal": {
        "title": _("Send the signal"),
        "text": _("The step waits for it and goes on; what you write here is its output."),
        "button": _("Send"),
        "done": _("Sent. The step goes on."),
    },
    "fork": {
        "title": _("Fork the run"),
        "text": _(
            "A second run takes over what was decided before that step, and does the rest anew with the inputs below. "
            "This run is not touched; you can compare both, with what they cost."
        ),
        "button": _("Start the fork"),
        "done": _("This is the fork. The run that it came from goes on as it was."),
    },
}
