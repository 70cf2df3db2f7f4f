"""Small pieces of markup that every page uses: icons, levers, states in words."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.contrib.messages.storage.base import Message
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from vos.web.bundles import bundle

register = template.Library()

_UNDO = "undo:"

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
    "bypassed": ("minus", "Not taken"),
    "compensated": ("undo-2", "Rolled back"),
    "cancelled": ("square", "Cancelled"),
    "ahead": ("circle-dashed", "Not started"),
    "now": ("circle-dot", "In progress"),
    "enabled": ("check", "Enabled"),
    "disabled": ("pause", "Switched off"),
    "draft": ("pencil", "Draft"),
    "published": ("badge-check", "Published"),
    "retired": ("square", "Retired"),
    "lost": ("triangle-alert", "Lost"),
    "missed": ("triangle-alert", "Missed"),
    "held": ("clock", "Held back"),
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
    "lost": "warned",
    "missed": "warned",
    "stamped": "solid",
    "committed": "solid",
    "running": "running",
}


def state_words(value: object) -> str:
    """The state as a word."""
    key = str(value)
    return _(_STATES[key][1]) if key in _STATES else key.replace("_", " ").capitalize()


def state_sign(value: object) -> str:
    """The name of the state's icon."""
    return _STATES.get(str(value), ("circle", ""))[0]


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css: str = "") -> SafeString:
    """A Lucide icon of the sprite, hidden from screen readers since the word stands beside it. Made once: pages have dozens."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def bundle_url(name: str) -> str:
    """The address of a bundle of style sheets."""
    return reverse("bundle", args=[name, bundle(name)[1]])


@register.simple_tag
def state(value: object, label: object = "") -> SafeString:
    """A state as a badge: its sign, its word, and a colour only where somebody must look."""
    tone = _TONES.get(str(value), "plain")
    return format_html('<span class="badge badge--{}">{}{}</span>', tone, icon(state_sign(value)), label or state_words(value))


@register.simple_tag
def state_icon(value: object, css: str = "") -> SafeString:
    """The sign alone, for a place where the word stands beside it anyway."""
    return icon(state_sign(value), css)


@register.simple_tag
def lever(impact: object) -> SafeString:
    """Revenue, cost or risk, with the lever's shape before the word."""
    key = str(impact)
    words = {"revenue": _("Revenue"), "cost": _("Cost"), "risk": _("Risk")}
    return format_html('<span class="lever lever--{}">{}</span>', key, words.get(key, key))


@register.filter
def undo_url(message: Message) -> str:
    """Where the deed that a message tells of is undone, for those that were sent with ``undo_tag``."""
    tag = message.extra_tags or ""
    return tag.removeprefix(_UNDO) if tag.startswith(_UNDO) else ""


def undo_tag(url: str) -> str:
    """The tag of a message that offers an undo: a POST to ``url``."""
    return f"{_UNDO}{url}"


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in one unit: ``3 days``."""
    return timesince(moment, depth=1) if moment else ""
