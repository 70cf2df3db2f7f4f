"""What the pages of human oversight have in common: their tabs, and the names of what can be stopped."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.registry.selectors import agents_list
from tenants.actors import Actor
from tenants.roles import Permission
from workflows.library import definitions_here

_PARTS = (
    ("oversight", "Now", Permission.RUN_VIEW),
    ("oversight_reviews", "Review queue", Permission.APPROVAL_VIEW),
    ("oversight_absences", "Absences", Permission.APPROVAL_VIEW),
    ("oversight_policies", "Policies", Permission.APPROVAL_VIEW),
)


def oversight_tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The places of oversight that the actor may go to."""
    return [
        {"label": _(label), "url": reverse(f"web:{name}"), "current": name == current}
        for name, label, permission in _PARTS
        if actor.allows(permission)
    ]


def agent_titles() -> dict[str, str]:
    """Every registered agent's name with its title."""
    return {row.name: row.title for row in agents_list()}


def workflow_titles() -> dict[str, str]:
    """Every workflow that can be started here, name with title."""
    return {name: one.title for name, one in definitions_here().items()}
