"""Small pieces of markup that every page uses: icons, levers, states in words."""

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()

_STATES = {
    "done": ("check", "Done"),
    "passed": ("check", "Passed"),
    "approved": ("check", "Approved"),
    "succeeded": ("check", "Succeeded"),
    "completed": ("check", "Completed"),
    "stamped": ("badge-check", "Stamped"),
    "committed": ("badge-check", "Committed"),
    "running": ("loader-circle", "Running"),
    "waiting": ("clock", "Waiting"),
    "pending": ("clock", "Pending"),
    "paused": ("pause", "Paused"),
    "warned": ("triangle-alert", "Warned"),
    "failed": ("circle-x", "Failed"),
    "rejected": ("circle-x", "Rejected"),
    "refused": ("circle-x", "Refused"),
    "quarantined": ("shield-alert", "Quarantined"),
    "void": ("circle-x", "Void"),
    "skipped": ("skip-forward", "Skipped"),
    "compensated": ("undo-2", "Rolled back"),
    "cancelled": ("square", "Cancelled"),
    "ahead": ("circle-dashed", "Not started"),
    "now": ("circle-dot", "In progress"),
    "draft": ("pencil", "Draft"),
    "low": ("check", "Low"),
    "medium": ("triangle-alert", "Medium"),
    "high": ("circle-alert", "High"),
}
# What must be looked at has a colour; everything else is ink.
_TONES = {
    "warned": "warned",
    "medium": "warned",
    "waiting": "warned",
    "failed": "failed",
    "rejected": "failed",
    "refused": "failed",
    "quarantined": "failed",
    "void": "failed",
    "high": "failed",
    "stamped": "solid",
    "committed": "solid",
    "running": "running",
}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A Lucide icon of the sprite, hidden from screen readers since the word stands beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def state(value: object, label: object = "") -> SafeString:
    """A state as a badge: its sign, its word, and a colour only where somebody must look."""
    key = str(value)
    sign, word = _STATES.get(key, ("circle", key.replace("_", " ").capitalize()))
    tone = _TONES.get(key, "plain")
    return format_html('<span class="badge badge--{}">{}{}</span>', tone, icon(sign), label or _(word))


@register.simple_tag
def state_icon(value: object, css: str = "") -> SafeString:
    """The sign alone, for a place where the word stands beside it anyway."""
    return icon(_STATES.get(str(value), ("circle", ""))[0], css)


@register.simple_tag
def lever(impact: object) -> SafeString:
    """Revenue, cost or risk, with the lever's shape before the word."""
    key = str(impact)
    words = {"revenue": _("Revenue"), "cost": _("Cost"), "risk": _("Risk")}
    return format_html('<span class="lever lever--{}">{}</span>', key, words.get(key, key))


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in one unit: ``3 days``."""
    return timesince(moment, depth=1) if moment else ""
