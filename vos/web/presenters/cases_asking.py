"""Putting a case before approvers: whether it can be, and what stands in the way, with the rows that it is about."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import BusinessCase
from valuefabric.models.states import CaseState
from valuefabric.selectors.cases import review_current
from valuefabric.selectors.conservative_gate import gate_of
from valuefabric.selectors.documents import document_of
from vos.web.places import part_url
from vos.web.presenters.models_gate import gate_entries

type Context = dict[str, Any]

_GATE = "conservative_gate"


def asking_entry(case: BusinessCase, actor: Actor, requests: Sequence[ApprovalRequest]) -> Context | None:
    """What the panel offers; None for those who may not ask, and for a case about which nothing is to be asked."""
    if not actor.allows(Permission.MODEL_EDIT) or case.state not in _TOLD:
        return None
    waiting = any(one.state == "pending" for one in requests)
    made: Context = {
        "state": str(case.state),
        "waiting": waiting,
        "ask_url": reverse("web:case_ask", args=[case.customer.public_id]),
        "integrity_url": part_url(case.customer, "integrity"),
        "model_url": f"{part_url(case.customer, 'model')}#gate",
        "gate": [],
        "others": [],
    }
    if case.state == CaseState.STAMPED:
        return made
    return {**made, "gate": _standing(case), "others": _others(case)}


_TOLD = (CaseState.DRAFT, CaseState.QUARANTINED, CaseState.STAMPED)


def _standing(case: BusinessCase) -> list[Context]:
    """What the conservative gate finds of the model now, exemptions apart; nothing where the rule set does not enforce it."""
    version = case.model_version
    document = document_of(version)
    gate = gate_of(version.model, document)
    entries = gate_entries(gate, document, case.customer, version.public_id) if gate.enforced else []
    return [entry for entry in entries if entry["exemption"] is None]


def _others(case: BusinessCase) -> list[str]:
    """The titles of other rules that the newest review found broken, once each."""
    review = review_current(case)
    found = [one["title"] for one in review.violations if one["key"] != _GATE] if review else []
    return list(dict.fromkeys(_(title) for title in found))
