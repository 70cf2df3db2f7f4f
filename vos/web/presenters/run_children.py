"""The runs that a step started, as its part of the page shows them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from vos.web.presenters.runs import run_state
from workflows.models import Execution
from workflows.selectors import Children

_OVER = ("completed", "cancelled", "rolled_back")


def children_shown(run: Execution, children: Mapping[str, Children]) -> dict[str, dict[str, Any]]:
    """By step: how many, how many are over, some of them, and where all are listed."""
    return {key: _shown(run, key, family) for key, family in children.items()}


def _shown(run: Execution, key: str, family: Children) -> dict[str, Any]:
    query = urlencode({"of": run.public_id, "step": key})
    return {
        "total": family.total,
        "done": sum(family.states.get(state, 0) for state in _OVER),
        "failed": family.states.get("failed", 0) + family.states.get("stuck", 0),
        "some": [_child(child, family.asking.get(child.pk, "")) for child in family.some],
        "more": max(family.total - len(family.some), 0),
        "url": f"{reverse('web:runs')}?{query}",
    }


def _child(child: Execution, asking: str) -> dict[str, Any]:
    item = child.inputs.get("item")
    label = (
        item
        if isinstance(item, str)
        else next((v for v in item.values() if isinstance(v, str)), "")
        if isinstance(item, dict)
        else ""
    )
    return {
        "label": f"{(child.place or 0) + 1}. {label[:60]}"
        if label
        else _("Part %(number)s") % {"number": (child.place or 0) + 1},
        "url": reverse("web:run", args=[child.public_id]),
        "state": run_state(child),
        "approval_url": reverse("approvals:detail", args=[asking]) if asking else "",
    }
