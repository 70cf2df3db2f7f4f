"""What starts runs by itself: the list, one trigger with its history, making and changing them."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.forms.trigger import BackfillForm, TriggerForm, initial_of
from vos.web.presenters.triggers import fill_url, firing_row, next_times, trigger_facts, trigger_row
from vos.web.run_pages import run_tabs
from vos.web.workspace import query_of
from workflows.library import definitions_here
from workflows.triggers.models import Kind, Trigger
from workflows.triggers.services import (
    trigger_backfill,
    trigger_change,
    trigger_create,
    trigger_enable,
    trigger_rotate_secret,
    trigger_secret,
)
from workflows.triggers.services.times import zone_of
from workflows.triggers.topics import topics_offered

PAGE = 50
REFUSED = 422
_KINDS = (
    (Kind.EVENT, gettext_lazy("An event")),
    (Kind.CRON, gettext_lazy("Set times")),
    (Kind.WEBHOOK, gettext_lazy("A webhook")),
    (Kind.API, gettext_lazy("The API")),
    (Kind.FORM, gettext_lazy("A form")),
)


@require_GET
@requires(Permission.RUN_VIEW)
def triggers(request: HttpRequest) -> HttpResponse:
    """All triggers, the newest first."""
    titles = {name: one.title for name, one in definitions_here().items()}
    rows = Trigger.objects.annotate(last_at=Max("firings__fired_at")).order_by("-created_at", "-id")
    may = actor_of(request).allows(Permission.SETTINGS_MANAGE)
    context = {
        "triggers": [trigger_row(row, titles, actor_of(request)) for row in rows],
        "new_url": reverse("web:trigger_new") if may else "",
        "tabs": run_tabs("triggers"),
        "nav_current": "runs",
        "line": {"name": _("Triggers")},
    }
    return render(request, "vos/triggers.html", context)


@require_GET
@requires(Permission.RUN_VIEW)
def trigger(request: HttpRequest, trigger: uuid.UUID) -> HttpResponse:
    """One trigger: what it waits for, when it fires next, what came of each time."""
    return _page(request, _found(trigger))


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def trigger_new(request: HttpRequest) -> HttpResponse:
    """Make one of ``?kind=``. A webhook's secret is in the answer, and in no other."""
    kind = _kind(request.GET.get("kind", Kind.EVENT))
    form = _form(request, kind, {"definition": request.GET.get("definition", "")})
    if form.is_bound and form.is_valid():
        made = _refused(form, lambda spec: trigger_create(spec=spec, actor=actor_of(request)))
        if made is not None:
            if kind == Kind.WEBHOOK:
                return _page(request, made, secret=trigger_secret(made))
            messages.success(request, _("From now on it starts runs in your name."))
            return redirect("web:trigger", trigger=made.public_id)
    kinds = [{"label": str(label), "url": f"?{query_of(kind=one)}", "current": one == kind} for one, label in _KINDS]
    return _form_page(request, form, kinds=kinds, title=_("New trigger"), cancel_url=reverse("web:triggers"))


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def trigger_edit(request: HttpRequest, trigger: uuid.UUID) -> HttpResponse:
    """Change all but the kind."""
    row = _found(trigger)
    form = _form(request, Kind(row.kind), initial_of(row))
    if form.is_bound and form.is_valid():
        changed = _refused(form, lambda spec: trigger_change(trigger=row, spec=spec, actor=actor_of(request)))
        if changed is not None:
            messages.success(request, _("Changed. Its runs are started in your name from now on."))
            return redirect("web:trigger", trigger=trigger)
    return _form_page(request, form, kinds=[], title=row.title, cancel_url=reverse("web:trigger", args=[trigger]))


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def trigger_switch(request: HttpRequest, trigger: uuid.UUID) -> HttpResponse:
    """Switch it on (``on`` 1) or off."""
    enabled = request.POST.get("on") == "1"
    trigger_enable(trigger=_found(trigger), enabled=enabled, actor=actor_of(request))
    messages.success(request, _("It is on.") if enabled else _("It is off: it starts nothing."))
    return redirect("web:trigger", trigger=trigger)


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def trigger_rotate(request: HttpRequest, trigger: uuid.UUID) -> HttpResponse:
    """A new secret, shown in this answer and in no other."""
    row = _found(trigger)
    if row.kind != Kind.WEBHOOK:
        raise Http404
    secret = trigger_rotate_secret(trigger=row, actor=actor_of(request))
    return _page(request, _found(trigger), secret=secret)


@require_POST
@requires(Permission.SETTINGS_MANAGE)
def trigger_fill_in(request: HttpRequest, trigger: uuid.UUID) -> HttpResponse:
    """Give times that passed without a run one."""
    row, form = _found(trigger), BackfillForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say from when, and before when."))
        return redirect("web:trigger", trigger=trigger)
    try:
        fired = trigger_backfill(trigger=row, actor=actor_of(request), **form.cleaned_data)
    except ValueError as refused:
        messages.error(request, str(refused))
    else:
        told = ngettext("%(n)s time lies there; each has its run.", "%(n)s times lie there; each has its run.", len(fired))
        messages.success(request, told % {"n": len(fired)})
    return redirect("web:trigger", trigger=trigger)


def _page(request: HttpRequest, row: Trigger, *, secret: str = "") -> HttpResponse:
    firings = row.firings.select_related("execution").order_by("-fired_at", "-id")
    page = Paginator(firings, PAGE).get_page(request.GET.get("page"))
    names, zone = names_of({row.acts_as, *(one.fired_by for one in page)}), zone_of(row)
    may = actor_of(request).allows(Permission.SETTINGS_MANAGE)
    hook = reverse("workflows:webhook", args=[row.public_id]) if row.kind == Kind.WEBHOOK else ""
    definition = definitions_here().get(row.definition)
    context = {
        "trigger": {
            "title": row.title,
            "enabled": row.enabled,
            "is_cron": row.kind == Kind.CRON,
            "former_until": row.former_until,
            "declared": row.declared,
            "fill_url": fill_url(row, actor_of(request)),
        },
        "starts": {"title": definition.title, "url": reverse("web:workflow", args=[row.definition])} if definition else None,
        "facts": trigger_facts(row, names[row.acts_as], zone),
        "inputs": row.inputs,
        "next_times": next_times(row, zone),
        "zone": zone,
        "hook": request.build_absolute_uri(hook) if hook else "",
        "secret": secret,
        "firings": [firing_row(one, names) for one in page],
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "may": may,
        "backfill": BackfillForm() if may and row.kind == Kind.CRON else None,
        "urls": {verb: reverse(f"web:trigger_{verb}", args=[row.public_id]) for verb in ("edit", "switch", "rotate", "fill_in")},
        "page_url": reverse("web:trigger", args=[row.public_id]),
        "tabs": run_tabs("triggers"),
        "nav_current": "runs",
        "line": {"name": row.title},
    }
    response = render(request, "vos/trigger.html", context)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _form_page(request: HttpRequest, form: TriggerForm, **context: Any) -> HttpResponse:
    page = {"form": form, **context, "nav_current": "runs", "line": {"name": context["title"]}}
    return render(request, "vos/trigger_form.html", page, status=REFUSED if form.is_bound else 200)


def _form(request: HttpRequest, kind: Kind, initial: dict[str, Any]) -> TriggerForm:
    return TriggerForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        definitions=[(name, one.title) for name, one in definitions_here().items()],
        topics=topics_offered(),
        initial=initial,
    )


def _refused(form: TriggerForm, write: Any) -> Trigger | None:
    """What was written; or None, with the reason in the form."""
    try:
        made: Trigger = write(form.spec)
    except (ValueError, LookupError) as refused:
        form.add_error(None, str(refused.args[0] if refused.args else refused))
        return None
    return made


def _found(public_id: uuid.UUID) -> Trigger:
    return get_object_or_404(Trigger, public_id=public_id)


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError as error:
        raise Http404 from error
