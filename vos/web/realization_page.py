"""What the realization page shows: a customer's standing commitments, the newest report of one, what may be sent."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.people import names_of
from tenants.actors import actor_of
from tenants.roles import Permission
from valuefabric.governance.selectors import PackUnknown, pack_at
from valuefabric.models import Commitment, Customer, RealizationReport
from valuefabric.selectors.telemetry import commitments_standing
from valuefabric.services.telemetry import COLUMNS
from vos.web.forms.telemetry import ACCEPT, LIMIT, TelemetryForm
from vos.web.places import part_url, record_url, tabs
from vos.web.presenters import realization as present
from vos.web.presenters import realization_tables as tables
from vos.web.presenters.customers import customer_line
from vos.web.presenters.next_steps import next_steps


def standing_of(row: Customer) -> list[Commitment]:
    return list(commitments_standing(row).select_related("model_version__model__opportunity", "case", "customer"))


def chosen_of(standing: list[Commitment], public_id: str) -> Commitment | None:
    """The commitment of that id, the newest without one. Raises Http404 for one that is not the customer's."""
    if not public_id:
        return standing[0] if standing else None
    found = next((one for one in standing if str(one.public_id) == public_id), None)
    if found is None:
        raise Http404
    return found


def page_context(
    request: HttpRequest,
    row: Customer,
    standing: list[Commitment],
    commitment: Commitment | None,
    report: RealizationReport | None,
    form: TelemetryForm,
) -> dict[str, Any]:
    actor = actor_of(request)
    may_add = actor.allows(Permission.TELEMETRY_ADD)
    newer = row.telemetry.filter(added_at__gt=report.created_at) if report else row.telemetry
    has_news = commitment is not None and newer.exists()
    context: dict[str, Any] = {
        "tabs": tabs(row, "realization"),
        "is_committed": commitment is not None,
        "record_url": record_url(commitment.case) if commitment and actor.allows(Permission.APPROVAL_VIEW) else "",
        "has_news": has_news,
        "case_url": part_url(row, "case") if actor.allows(Permission.CASE_VIEW) else "",
        **_forms(row, commitment if may_add else None, form),
        "commitments": _switch(standing, commitment) if len(standing) > 1 else [],
        "nav_current": "customers",
        "line": customer_line(row),
    }
    if report is not None and commitment is not None:
        page = present.realized_of(row, report)
        url = reverse("web:proof", args=[row.public_id, report.public_id])
        context |= report_figures(page, names_of([report.recorded_by]))
        context |= {
            "actions": next_steps(page, plays=_plays(commitment), may_add=may_add, report_url=url),
            "report_url": url,
            "export_url": f"?commitment={commitment.public_id}&export=csv",
        }
    return {**context, "action": _action(context)}


def _forms(row: Customer, commitment: Commitment | None, form: TelemetryForm) -> dict[str, Any]:
    """What may be sent from the page; nothing without a commitment, or for those who may only look."""
    if commitment is None:
        return {"upload": None, "measure": None}
    return {
        "upload": {"url": part_url(row, "telemetry_add"), "accept": ACCEPT, "hint": _hint(), "form": form},
        "measure": {"url": part_url(row, "realization_measure"), "commitment": commitment.public_id},
    }


def report_figures(page: present.Realized, names: dict[str, str]) -> dict[str, Any]:
    return {
        "figures": present.four_figures(page),
        "chart": present.lines(page),
        "as_of": page.result.as_of,
        "synthetic": page.report.synthetic,
        "sentences": present.sentences(page),
        "drivers": tables.driver_rows(page),
        "uncounted": tables.uncounted(page),
        "variance_method": tables.variance_method(page),
        "forecast": tables.forecast_rows(page),
        "assumptions": tables.assumption_rows(page),
        "unmeasured": page.result.unmeasured,
        "unused_kpis": page.result.unused_kpis,
        "renewal": present.renewal(page),
        "method": present.method(page, names),
    }


def _action(context: dict[str, Any]) -> dict[str, Any] | None:
    """Measuring what is new goes before printing what is known."""
    measure = context["measure"]
    if measure and context["has_news"]:
        fields = [{"name": "commitment", "value": measure["commitment"]}]
        label = _("Measure again") if context.get("report_url") else _("Measure now")
        return {"label": label, "url": measure["url"], "icon": "refresh-cw", "post": True, "fields": fields}
    if url := context.get("report_url"):
        return {"label": _("Proof report"), "url": url, "icon": "file-text"}
    return None


def _switch(standing: list[Commitment], chosen: Commitment | None) -> list[dict[str, Any]]:
    return [{"label": one.case.title, "url": f"?commitment={one.public_id}", "current": one == chosen} for one in standing]


def _plays(commitment: Commitment) -> dict[str, str]:
    """What the pack of the commitment's opportunity suggests, by KPI; nothing where the pack is not known."""
    opportunity = commitment.model_version.model.opportunity
    if opportunity is None or not opportunity.pack_key:
        return {}
    try:
        plays = pack_at(opportunity.pack_key, opportunity.pack_version).plays
    except PackUnknown:
        return {}
    return {play.kpi: f"{play.label}. {play.text}" for play in reversed(plays)}


def _hint() -> str:
    words = _("CSV, JSON or a sheet with the columns %(columns)s; up to %(limit)s. All of it is taken in, or nothing.")
    return words % {"columns": ", ".join(COLUMNS), "limit": LIMIT}
