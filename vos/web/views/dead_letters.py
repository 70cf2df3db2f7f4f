"""Dead letters: steps that failed for good and wait for a person, to be looked at and tried again, one or many at once."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.presenters.run_steps import kind_of
from vos.web.run_pages import run_tabs, subjects_of
from vos.web.workspace import query_of
from workflows.models import Step
from workflows.selectors.dead_letters import DeadLetterFilter, dead_letters
from workflows.services.dead_letters import Letter, Replay, ReplayRefused, dead_letters_replay, dead_letters_replay_all

PAGE = 50
_MOST_CLASSES = 12


@require_GET
@requires(Permission.RUN_VIEW)
def letters(request: HttpRequest) -> HttpResponse:
    """Dead letters, newest first, by words, workflow and class of error."""
    actor, asked = actor_of(request), _asked(request.GET)
    found = dead_letters(actor, _chosen(asked))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    subjects = subjects_of(actor, (step.execution for step in page))
    classes = dead_letters(actor).order_by().values_list("error_class").annotate(number=Count("pk")).order_by("-number")
    context = {
        "letters": [_letter(step, subjects) for step in page],
        "total": page.paginator.count,
        "classes": [
            {
                "label": name or _("no class"),
                "number": number,
                "url": f"?{query_of(error=name)}",
                "current": name == asked["error"],
            }
            for name, number in classes[:_MOST_CLASSES]
        ],
        "asked": asked,
        "searched": any(asked.values()),
        "may": actor.allows(Permission.RUN_CONTROL),
        "previous_url": f"?{query_of(**asked, page=str(page.previous_page_number()))}" if page.has_previous() else "",
        "next_url": f"?{query_of(**asked, page=str(page.next_page_number()))}" if page.has_next() else "",
        "tabs": run_tabs("dead_letters"),
        "nav_current": "runs",
        "line": {"name": _("Dead letters")},
    }
    return render(request, "vos/dead_letters.html", context)


@require_POST
@requires(Permission.RUN_CONTROL)
def replay(request: HttpRequest) -> HttpResponse:
    """Try chosen ones again (``letter``, several), or all that were found (``all``)."""
    actor, asked = actor_of(request), _asked(request.POST)
    try:
        if request.POST.get("all"):
            came = dead_letters_replay_all(chosen=_chosen(asked), actor=actor)
        else:
            came = dead_letters_replay(letters=_letters(request.POST.getlist("letter")), actor=actor)
    except ReplayRefused as refused:
        messages.error(request, str(refused))
    else:
        _tell(request, came)
    return redirect(f"{reverse('web:dead_letters')}?{query_of(**asked)}")


def _tell(request: HttpRequest, came: list[Replay]) -> None:
    if not came:
        messages.error(request, _("Choose at least one of them."))
        return
    again = sum(one.outcome == "replayed" for one in came)
    told = ngettext("%(n)s step is tried again.", "%(n)s steps are tried again.", again) % {"n": again}
    gone = len(came) - again
    if gone:
        told += " " + _("%(n)s were not: %(why)s") % {"n": gone, "why": next(one.why for one in came if one.why)}
    (messages.success if again else messages.error)(request, told)


def _asked(given: Any) -> dict[str, str]:
    return {name: str(given.get(name, ""))[:200].replace("\x00", "") for name in ("q", "name", "error")}


def _chosen(asked: dict[str, str]) -> DeadLetterFilter:
    return DeadLetterFilter(definition=asked["name"], error_class=asked["error"], text=asked["q"])


def _letters(given: list[str]) -> list[Letter]:
    """``<step>-<attempt>``; what is written otherwise is no letter."""
    pairs = (one.split("-") for one in given)
    return [Letter(int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 2 and all(part.isdigit() for part in pair)]


def _letter(step: Step, subjects: dict[str, str]) -> dict[str, Any]:
    run = step.execution
    return {
        "key": f"{step.pk}-{step.attempt}",
        "title": step.title,
        "kind": kind_of(step.kind),
        "state": "failed",
        "undoing": step.state == "compensation_failed",
        "run": run.title,
        "subject": subjects.get(run.subject, ""),
        "url": f"{reverse('web:run', args=[run.public_id])}#step-{step.key}",
        "error": step.error.partition("\n")[0],
        "error_class": step.error_class,
        "attempts": step.attempt,
        "at": step.ended_at,
    }
