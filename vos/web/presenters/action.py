"""The one primary action of a customer's pages: what brings it on from where it stands."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import Customer
from valuefabric.models.states import CaseState
from valuefabric.selectors.overview import Standing
from vos.web.places import part_url

type Action = dict[str, Any] | None


def primary_action(
    standing: Standing, actor: Actor, *, has_evidence: bool, live_run: str, packs: Sequence[tuple[str, str]]
) -> Action:
    """Add evidence, start the lifecycle, or go where the work is; None for those who may only look.

    ``live_run`` is the address of a run that is under way; ``packs`` are key and title of those that may be used.
    """
    customer, case = standing.customer, standing.case
    if not has_evidence:
        return _evidence(customer) if actor.allows(Permission.EVIDENCE_ADD) else None
    if live_run:
        return {"label": _("Follow the run"), "url": live_run, "icon": "activity"}
    if case is None:
        return _start(customer, packs) if actor.allows(Permission.RUN_START) and packs else None
    if case.state == CaseState.COMMITTED:
        return {"label": _("See what was realized"), "url": part_url(customer, "realization"), "icon": "chart-line"}
    if case.state == CaseState.QUARANTINED:
        return {"label": _("Mend the case"), "url": part_url(customer, "integrity"), "icon": "shield-check"}
    return {"label": _("Open the business case"), "url": part_url(customer, "case"), "icon": "file-text"}


def _evidence(customer: Customer) -> Action:
    return {"label": _("Add evidence"), "url": part_url(customer, "evidence_new"), "icon": "upload"}


def _start(customer: Customer, packs: Sequence[tuple[str, str]]) -> Action:
    return {
        "label": _("Start the lifecycle"),
        "url": part_url(customer, "lifecycle_start"),
        "post": True,
        "icon": "play",
        "fields": [{"name": "pack", "value": packs[0][0]}] if len(packs) == 1 else [],
        "choice": {
            "name": "pack",
            "label": _("Value pack"),
            "options": [{"value": key, "label": title} for key, title in packs],
        }
        if len(packs) > 1
        else None,
    }
