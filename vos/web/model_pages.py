"""What the model page is made of: the version that is shown, who may edit it, and the contexts of its parts."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals.people import names_of
from approvals.selectors.requests import requests_about
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.model import Computation, ModelDocument, Scenario
from valuefabric.domain.model.scenarios import scenario_keys
from valuefabric.domain.model.sensitivity import sensitivities
from valuefabric.domain.model.variation import BUILT_IN, HALF_BENEFITS
from valuefabric.models import Customer, ModelBranch, ModelVersion
from valuefabric.selectors.conservative_gate import gate_of
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.model_table import model_table
from valuefabric.selectors.value_models import version_shown, versions_of
from valuefabric.selectors.versions import branch_of
from valuefabric.services.gate_exemption_asking import GATE_EXEMPT
from valuefabric.services.value_models import RowUpdate
from vos.web.presenters import models as present
from vos.web.presenters.models_gate import gate_asked, gate_entries
from vos.web.presenters.models_sheet import Refusal, SheetView, sheet
from vos.web.presenters.versions import part_entries


@dataclass(frozen=True)
class Shown:
    """A version of a customer's model as one person sees it."""

    customer: Customer
    version: ModelVersion
    actor: Actor
    scenario: Scenario = "base"
    branch: ModelBranch | None = None
    update: RowUpdate | None = None
    refusal: Refusal | None = None
    reason: str = ""

    @property
    def lock(self) -> str:
        """Why nobody can edit what is shown; empty where somebody could."""
        model = self.version.model
        if self.branch is None and model.locked_at:
            day = date_format(model.locked_at, "DATE_FORMAT")
            return _("Committed on %(day)s, so its figures are locked. An expansion gets a model of its own.") % {"day": day}
        if model.withdrawn_at:
            return _("This model was taken back; it is kept to be read.")
        return self._line_lock or self._scenario_lock

    @property
    def _line_lock(self) -> str:
        """Only the newest version of a line that goes on can be edited."""
        if self.branch is not None and self.branch.closed_at:
            return _("The branch %(name)s is closed; it is kept to be read.") % {"name": self.branch.name}
        head = self.branch.head_number if self.branch else self.version.model.head_number
        if self.version.number == head:
            return ""
        words = {"n": self.version.number, "head": head}
        return _("This is version %(n)d; the newest is version %(head)d, and only that one can be edited.") % words

    @property
    def _scenario_lock(self) -> str:
        """Only the base case can be edited."""
        if self.scenario != "base":
            if self.scenario == HALF_BENEFITS:
                return _("Here only half of every benefit counts, to see what is left. Edit the figures in the base case.")
            if self.scenario in BUILT_IN:
                return _("Low and high follow from the ranges of the assumptions. Edit them in the base case.")
            return _("A what-if is changes on the base case. Edit the base, or make another what-if there.")
        return ""

    @property
    def scenario_is_own(self) -> bool:
        """Whether a what-if of the version is shown."""
        return any(one["key"] == self.scenario for one in self.version.document.get("scenarios", ()))

    @property
    def can_edit(self) -> bool:
        """Whether this person may edit what is shown."""
        return self.actor.allows(Permission.MODEL_EDIT) and not self.lock


def version_of(request: HttpRequest, customer: Customer) -> ModelVersion | None:
    """The version that ``?version=`` names, else the one that the customer's pages are about; None where there is none."""
    text = request.GET.get("version", "")
    try:
        return version_shown(customer, uuid.UUID(text) if text else None)
    except ValueError:
        return None


def branch_asked(request: HttpRequest, version: ModelVersion) -> ModelBranch | None:
    """The branch that ``?branch=`` names, or that the version is of; None for the main line. Raises Http404 for another model's.

    A branch without a version of its own shows the one that it began from, so the version alone does not tell.
    """
    text = request.GET.get("branch", "")
    if not text:
        return version.branch
    try:
        found = branch_of(version.model, uuid.UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def scenario_asked(request: HttpRequest, version: ModelVersion) -> Scenario:
    """The scenario of ``?scenario=``: low, high or one of the version's own; the base for anything else."""
    asked = request.GET.get("scenario", "")
    return asked if asked and asked in scenario_keys(document_of(version)) else "base"


def model_context(shown: Shown) -> dict[str, Any]:
    """The sheet and everything around it, computed now."""
    table = model_table(shown.version, scenario=shown.scenario)
    document, computed = table.document, table.computation
    versions = versions_of(shown.customer)
    names = names_of({shown.version.by, *(version.by for version in versions)})
    before = _before(shown, versions)
    view = SheetView(
        customer=shown.customer,
        table=table,
        can_edit=shown.can_edit,
        lock=shown.lock,
        changes=shown.update.changes if shown.update else (),
        measures_before=before,
        refusal=shown.refusal,
        reason=shown.reason,
        person=shown.actor.identifier,
        branch=shown.branch,
        what_if_url=_what_if_url(shown),
    )
    workbook = reverse("web:workbook", args=[shown.customer.public_id])
    return {
        "sheet": sheet(view),
        "parts": part_entries(shown.customer, shown.version, "model"),
        **around_context(document, computed),
        **gate_context(shown, document),
        "versions_url": versions_url(shown),
        "conventions": present.convention_entries(shown.customer, shown.version, document),
        "versions": present.version_entries(shown.customer, versions, shown.version, names),
        "method": present.method_entry(shown.version, names[shown.version.by]),
        "workbook_url": f"{workbook}?version={shown.version.public_id}",
    }


def gate_context(shown: Shown, document: ModelDocument) -> dict[str, Any]:
    """The conservative gate, by the limits in force; who may let a row pass gets a form for it at the newest version."""
    model = shown.version.model
    found = gate_of(model, document)
    is_head = shown.branch is None and shown.version.number == model.head_number and model.withdrawn_at is None
    entries = gate_entries(found, document, shown.customer, shown.version.public_id)
    return {
        "gate": entries
        if found.passed
        else gate_asked(entries, requests_about(shown.actor, subject=model.reference, action=GATE_EXEMPT)),
        "gate_rules": found.rule_set if found.enforced else "",
        "gate_passed": found.passed,
        "may_exempt": is_head and shown.actor.allows(Permission.SETTINGS_MANAGE),
        "exempt_url": reverse("web:gate_exempt", args=[shown.customer.public_id]),
        "shown_version": shown.version.public_id,
    }


def versions_url(shown: Shown) -> str:
    """Where the versions of the model are compared; empty where there is no such page."""
    try:
        return f"{reverse('web:model_versions', args=[shown.customer.public_id])}?version={shown.version.public_id}"
    except NoReverseMatch:
        return ""


def _what_if_url(shown: Shown) -> str:
    """Where the what-if that is shown is changed: its form over the base. Empty for what cannot be."""
    if not shown.scenario_is_own or not replace(shown, scenario="base").can_edit:
        return ""
    line = {"branch": str(shown.branch.public_id)} if shown.branch else {}
    query = urlencode({"version": str(shown.version.public_id), **line})
    return f"{reverse('web:model', args=[shown.customer.public_id])}?{query}#what-if={shown.scenario}"


def around_context(document: ModelDocument, computed: Computation) -> dict[str, Any]:
    """The charts under the sheet; what matters most only for the base case."""
    swings = present.swings_chart(document, computed, sensitivities(document)) if computed.scenario == "base" else None
    return {
        "chart": present.cash_flow_chart(document, computed),
        "waterfall": present.driver_waterfall(document, computed),
        "swings": swings,
    }


def _before(shown: Shown, versions: list[ModelVersion]) -> Mapping[str, Any] | None:
    """The measures of the version before an edit that was just made."""
    if shown.update is None:
        return None
    number = shown.version.number - 1
    same = (one for one in versions if one.model_id == shown.version.model_id and one.number == number)
    former = next(same, None)
    return former.measures if former else None
