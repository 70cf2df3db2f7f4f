"""Breakers: what steps depend on outside, which of it is left alone just now, and letting steps try it at once."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.run_pages import run_tabs
from workflows.limits.models import Breaker
from workflows.services.breakers import FAILURES, OPEN, breaker_close

PAGE = 50


@require_GET
@requires(Permission.RUN_VIEW)
def breakers(request: HttpRequest) -> HttpResponse:
    """What failed lately, those that are left alone first."""
    page = Paginator(Breaker.objects.order_by("-failures", "dependency"), PAGE).get_page(request.GET.get("page"))
    context = {
        "breakers": [_shown(one) for one in page],
        "failures": FAILURES,
        "seconds": int(OPEN.total_seconds()),
        "may": actor_of(request).allows(Permission.RUN_CONTROL),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "tabs": run_tabs("breakers"),
        "nav_current": "runs",
        "line": {"name": _("Breakers")},
    }
    return render(request, "vos/breakers.html", context)


@require_POST
@requires(Permission.RUN_CONTROL)
def breaker_shut(request: HttpRequest) -> HttpResponse:
    """Somebody knows that it is well again: steps try it now, and not when the time is over."""
    try:
        breaker_close(dependency=request.POST.get("dependency", ""), actor=actor_of(request))
    except Breaker.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("Steps try it now. If it fails again, it is left alone again."))
    return redirect("web:breakers")


def _shown(one: Breaker) -> dict[str, Any]:
    kind, _colon, name = one.dependency.partition(":")
    words = {"agent": _("agent"), "tool": _("tool"), "connector": _("connector"), "host": _("host"), "storage": _("storage")}
    return {
        "dependency": one.dependency,
        "name": name or kind,
        "kind": words.get(kind, kind),
        "failures": one.failures,
        "state": _state(one),
        "open_until": one.open_until,
        "error": one.last_error.partition("\n")[0],
        "changed_at": one.changed_at,
    }


def _state(one: Breaker) -> dict[str, str]:
    now = timezone.now()
    if one.open_until is None:
        return {"key": "done" if not one.failures else "running", "label": _("works") if not one.failures else _("failed lately")}
    if one.probe_until and one.probe_until > now:
        return {"key": "waiting", "label": _("is being tried")}
    if one.open_until > now:
        return {"key": "failed", "label": _("left alone")}
    return {"key": "waiting", "label": _("the next step tries it")}
