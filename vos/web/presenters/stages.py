"""The four stages of a customer as a path: each with its state in words, its date and its person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.models.states import CaseState, Stage
from valuefabric.selectors.customer_page import CustomerOverview
from vos.web.places import part_url
from vos.web.presenters.customers import stage_label
from vos.web.templatetags.figures import as_decimal, digits

_DECIDED = ("accepted", "edited")
_TARGET_STATES = {
    CaseState.DRAFT: ("now", "Drafted, version %(v)s"),
    CaseState.QUARANTINED: ("failed", "Quarantined, version %(v)s"),
    CaseState.STAMPED: ("now", "Stamped, version %(v)s"),
    CaseState.COMMITTED: ("done", "Committed, version %(v)s"),
}


def stages(overview: CustomerOverview, *, waits_for: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The path. ``waits_for`` says whom the case's approval waits for; ``names`` are those of the actors of the rows."""
    parts = (
        (Stage.OPPORTUNITY, "opportunity", _opportunity(overview, names)),
        (Stage.TARGET, "case", _target(overview, waits_for, names)),
        (Stage.REALIZATION, "realization", _realization(overview, names)),
        (Stage.EXPANSION, "expansion", _expansion(overview, names)),
    )
    return [
        {"name": stage_label(stage), "url": part_url(overview.customer, place) if told["state"] != "ahead" else "", **told}
        for stage, place, told in parts
    ]


def people_of(overview: CustomerOverview) -> set[str]:
    """The actors whom the stages and the evidence name."""
    standing = overview.standing
    found = {
        overview.opportunity.recorded_by if overview.opportunity else "",
        standing.case.drafted_by if standing.case else "",
        standing.commitment.committed_by if standing.commitment else "",
        standing.report.recorded_by if standing.report else "",
        overview.proposal.recorded_by if overview.proposal else "",
        *(row.added_by for row in overview.evidence),
    }
    return found - {""}


def _told(state: str, label: str, date: datetime | None = None, person: str = "") -> dict[str, Any]:
    return {"state": state, "state_label": label, "date": date, "person": person}


def _opportunity(overview: CustomerOverview, names: Mapping[str, str]) -> dict[str, Any]:
    found = overview.opportunity
    if found is None:
        return _told("now", _("Ready to start") if overview.evidence else _("Needs evidence"))
    accepted = sum(overview.hypotheses.get(state, 0) for state in _DECIDED)
    total = sum(overview.hypotheses.values())
    label = ngettext("%(n)d hypothesis found", "%(n)d hypotheses found", total) % {"n": total}
    if accepted:
        label = _("%(accepted)d of %(n)d hypotheses accepted") % {"accepted": accepted, "n": total}
    state = "now" if overview.standing.case is None else "done"
    return _told(state, label, found.created_at, names[found.recorded_by])


def _target(overview: CustomerOverview, waits_for: str, names: Mapping[str, str]) -> dict[str, Any]:
    case, commitment = overview.standing.case, overview.standing.commitment
    if case is None:
        return _told("ahead", _("Follows the hypotheses"))
    if commitment is not None and commitment.case_id == case.pk:
        label = _("Committed, version %(v)s") % {"v": case.version}
        return _told("done", label, commitment.committed_at, names[commitment.committed_by])
    if waits_for:
        return _told("waiting", _("Waits for %(who)s") % {"who": waits_for}, case.updated_at, names[case.drafted_by])
    state, label = _TARGET_STATES[CaseState(case.state)]
    return _told(state, _(label) % {"v": case.version}, case.updated_at, names[case.drafted_by])


def _realization(overview: CustomerOverview, names: Mapping[str, str]) -> dict[str, Any]:
    report, commitment = overview.standing.report, overview.standing.commitment
    if commitment is None:
        return _told("ahead", _("Begins with the commitment"))
    if report is None:
        return _told("waiting", _("Waits for telemetry"), commitment.committed_at)
    reached = report.result["attainment_pct"]
    label = _("Measured") if reached is None else _("%(share)s of plan to date") % {"share": _plain_percent(reached)}
    state = "done" if overview.proposal is not None else "now"
    return _told(state, label, report.created_at, names[report.recorded_by])


def _expansion(overview: CustomerOverview, names: Mapping[str, str]) -> dict[str, Any]:
    proposal = overview.proposal
    if proposal is None:
        return _told("ahead", _("Follows the measurements"))
    words = {"proposed": _("Proposed"), "accepted": _("Accepted"), "refused": _("Refused")}
    state = "now" if proposal.state == "proposed" else "done"
    return _told(state, words.get(proposal.state, proposal.state), proposal.created_at, names[proposal.recorded_by])


def _plain_percent(value: object) -> str:
    number = as_decimal(value)
    return "–" if number is None else f"{digits(number, 0)}\u00a0%"
