"""Triggers as pages show them: what each waits for in words, when it fires next, and what came of each time."""

from collections.abc import Mapping
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.roles import Permission
from vos.web.presenters.values import facts_of
from workflows.triggers.cron import times_after
from workflows.triggers.models import Kind, Trigger, TriggerFiring

NEXT = 5
_ICONS = {
    Kind.EVENT: "activity",
    Kind.CRON: "calendar",
    Kind.WEBHOOK: "link-2",
    Kind.API: "external-link",
    Kind.FORM: "file-text",
}
_OUTCOMES = {"started": "completed", "refused": "refused", "missed": "missed"}


def trigger_row(trigger: Trigger, titles: Mapping[str, str], actor: Actor) -> dict[str, Any]:
    """One line of the list; ``titles`` are of definitions."""
    return {
        "title": trigger.title,
        "url": reverse("web:trigger", args=[trigger.public_id]),
        "icon": _ICONS[Kind(trigger.kind)],
        "told": told(trigger),
        "starts": titles.get(trigger.definition, trigger.definition),
        "enabled": trigger.enabled,
        "fill_url": fill_url(trigger, actor),
        "next_at": trigger.next_at if trigger.enabled else None,
        "last": getattr(trigger, "last_at", None),
    }


def fill_url(trigger: Trigger, actor: Actor) -> str:
    """Where its form is filled in, for those who may; empty for other kinds, and while it is off."""
    if trigger.kind != Kind.FORM or not trigger.enabled or not actor.allows(Permission.RUN_START):
        return ""
    return reverse("web:trigger_form", args=[trigger.public_id])


def told(trigger: Trigger) -> str:
    """What it waits for."""
    match Kind(trigger.kind):
        case Kind.EVENT:
            return _("when %(topic)s happens") % {"topic": trigger.topic}
        case Kind.CRON:
            return _("at %(crontab)s") % {"crontab": trigger.crontab}
        case Kind.WEBHOOK:
            return _("when a signed call comes from outside")
        case Kind.API:
            return _("when the API is called")
    return _("when a person fills in its form")


def trigger_facts(trigger: Trigger, acts_as: str, zone: str) -> list[dict[str, Any]]:
    """What it is, line by line."""
    acting = {Kind.FORM: _("whoever fills it in"), Kind.API: _("whoever calls it")}.get(Kind(trigger.kind), acts_as)
    lines: dict[str, Any] = {_("Waits for"): trigger.get_kind_display(), _("Runs in the name of"): acting}
    if trigger.kind == Kind.EVENT:
        lines |= {_("Event"): trigger.topic, _("Whose data contain"): trigger.match or _("anything")}
    if trigger.kind == Kind.CRON:
        lines |= {_("Times"): trigger.crontab, _("Time zone"): zone, _("Missed times"): trigger.get_catch_up_display()}
    if trigger.declared:
        lines |= {_("Stands in"): _("the definition, as “%(key)s”: it is changed there") % {"key": trigger.declared}}
    lines |= {_("About"): trigger.subject or _("nothing in particular"), _("Runs an hour, at most"): trigger.most_an_hour}
    shown = facts_of({f"{number}": value for number, value in enumerate(lines.values())})
    return [{**fact, "label": label} for fact, label in zip(shown, lines, strict=True)]


def next_times(trigger: Trigger, zone: str) -> list[dict[str, Any]]:
    """The next times at which it fires: ``at`` the moment, ``shown`` what the clock says in its own time zone."""
    if trigger.kind != Kind.CRON or not trigger.enabled:
        return []
    there = ZoneInfo(zone)
    moments = islice(times_after(trigger.crontab, timezone.now(), there), NEXT)
    # Without a zone a template does not turn it into another.
    return [{"at": at, "shown": at.astimezone(there).replace(tzinfo=None)} for at in moments]


def firing_row(firing: TriggerFiring, names: Mapping[str, str]) -> dict[str, Any]:
    """One time that it fired, or was to."""
    return {
        "at": firing.fired_at,
        "due_at": firing.due_at,
        "state": _OUTCOMES[firing.outcome],
        "label": {"started": _("Started a run"), "refused": _("Refused"), "missed": _("Missed")}[firing.outcome],
        "key": firing.key,
        "error": firing.error,
        "by": names.get(firing.fired_by, firing.fired_by),
        "run_url": reverse("web:run", args=[firing.execution.public_id]) if firing.execution else "",
    }
