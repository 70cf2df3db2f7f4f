"""Absences as the list shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.models import Delegation
from tenants.actors import Actor
from tenants.roles import Permission


def absence_entry(
    row: Delegation, actor: Actor, names: Mapping[str, str], titles: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """One line: who for whom, about what, how long, and whether it holds now."""
    over = row.withdrawn_at is not None or row.ends_at <= now
    state = "cancelled" if row.withdrawn_at else "done" if over else "ahead" if row.starts_at > now else "now"
    labels = {"cancelled": _("Ended early"), "done": _("Over"), "ahead": _("To come"), "now": _("In force")}
    may_end = not over and (actor.identifier == row.giver or actor.allows(Permission.MEMBERS_MANAGE))
    return {
        "giver": names[row.giver],
        "taker": names[row.taker],
        "actions": [titles.get(key, key) for key in row.actions],
        "starts_at": row.starts_at,
        "ends_at": row.withdrawn_at or row.ends_at,
        "reason": row.reason,
        "by": names[row.by] if row.by != row.giver else "",
        "state": state,
        "label": labels[state],
        "end_url": reverse("web:oversight_absence_end", args=[row.public_id]) if may_end else "",
    }
