"""What happens now at a customer, and what happened: live runs, open approvals, violations, evidence, history."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest
from kernel.audit.models import AuditRecord
from valuefabric.models import Customer
from valuefabric.models.states import CaseState
from valuefabric.selectors.customer_page import CustomerOverview
from vos.web.places import part_url
from workflows.models import Execution

# Where a record leads, by the kind of its subject; what has no page of its own leads nowhere.
_PARTS = {
    "opportunity": "opportunity", "hypothesis": "opportunity", "model": "model", "branch": "model_versions",
    "comment": "model_comments", "case": "case", "commitment": "case",
    "realization": "realization", "telemetry": "realization", "expansion": "expansion",
}  # fmt: skip
_WORDS = {
    "customer.created": "Added the customer",
    "customer.updated": "Changed the customer",
    "evidence.added": "Added %(filename)s",
    "opportunity.withdrawn": "Took the hypotheses back",
    "tree.recorded": "Recorded the value tree",
    "model.saved": "Saved the model, version %(version)s",
    "model.withdrawn": "Took the model back",
    "model.imported": "Imported the model from a file, version %(version)s",
    "branch.created": "Began the branch “%(name)s” of the model",
    "branch.saved": "Saved a branch of the model, version %(version)s",
    "branch.merged": "Merged version %(merged_version)s of the model as version %(version)s",
    "branch.closed": "Closed the branch “%(name)s” of the model",
    "comment.added": "Commented on the model",
    "comment.edited": "Changed a comment on the model",
    "comment.resolved": "Resolved a comment on the model",
    "comment.reopened": "Opened a comment on the model again",
    "target.defined": "Drafted the business case, version %(version)s",
    "case.stamped": "Stamped the business case",
    "manifesto.violation.detected": "Quarantined the business case",
    "case.withdrawn": "Took the business case back",
    "case.committed": "Committed the business case",
    "commitment.reversed": "Reversed the commitment",
    "case.shared": "Shared the business case by a link",
    "case.opened": "The shared case was opened",
    "case.link_revoked": "Revoked a link to the case",
    "case.exported": "Exported the business case",
    "realization.updated": "Measured what was realized",
    "expansion.triggered": "Proposed an expansion",
    "approval.requested": "Asked for approval",
    "approval.voted": "Voted on the approval",
    "approval.decided": "The approval was decided",
    "approval.used": "Used the approval",
    "workflow.started": "Started the run “%(name)s”",
    "workflow.completed": "The run “%(name)s” is done",
    "workflow.cancelled": "Cancelled the run “%(name)s”",
    "workflow.rolled_back": "Rolled the run “%(name)s” back",
    "workflow.step_failed": "A step failed: %(step)s",
    "workflow.step_skipped": "Skipped a step: %(step)s",
    "workflow.step_retried": "Retried a step: %(step)s",
}
_RUN_STATES = {"rolling_back": "running", "stuck": "failed", "rolled_back": "compensated"}


def run_entries(runs: Iterable[Execution], steps: Mapping[int, str]) -> list[dict[str, Any]]:
    """Live runs; ``steps`` has the title of the step that each stands at."""
    return [
        {
            "title": run.title,
            "url": reverse("web:run", args=[run.public_id]),
            "state": "paused" if run.is_paused else _RUN_STATES.get(run.state, run.state),
            "step": steps.get(run.pk, ""),
            "done": run.steps_done,  # type: ignore[attr-defined]
            "total": run.steps_total,  # type: ignore[attr-defined]
        }
        for run in runs
    ]


def approval_entries(requests: Iterable[ApprovalRequest], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Approvals that wait for somebody."""
    return [
        {
            "title": request.shown.title,
            "url": reverse("approvals:detail", args=[request.public_id]),
            "who": names[request.requested_by],
            "waiting_for": asked_people(request, names),
            "since": request.requested_at,
        }
        for request in requests
    ]


def asked_people(request: ApprovalRequest, names: Mapping[str, str]) -> str:
    """Whom a request waits for, in words."""
    return _(" or ").join(names[who] for who in request.waiting_for)


def violation_entries(overview: CustomerOverview) -> list[dict[str, Any]]:
    """What the case's newest review found, one line a rule, failed ones first; what was committed with its warnings is past."""
    results: Sequence[Mapping[str, Any]] = overview.review.results if overview.review else ()
    if overview.standing.case and overview.standing.case.state == CaseState.COMMITTED:
        return []
    by_rule: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for result in results:
        if result["status"] != "passed":
            by_rule.setdefault((result["status"], result["principle"]), []).append(result)
    found = [
        {
            "title": _findings(same),
            "url": part_url(overview.customer, "integrity"),
            "principle": principle,
            "severity": status,
        }
        for (status, principle), same in by_rule.items()
    ]
    return sorted(found, key=lambda entry: entry["severity"] != "failed")


def _findings(results: Sequence[Mapping[str, Any]]) -> str:
    if len(results) == 1:
        return str(results[0]["explanation"] or results[0]["title"])
    return _("%(title)s: %(n)d findings") % {"title": results[0]["title"], "n": len(results)}


def evidence_entries(overview: CustomerOverview, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The documents, newest first."""
    kinds = {"text": _("notes"), "json": _("record"), "csv": _("sheet"), "xlsx": _("workbook")}
    return [
        {
            "name": row.filename,
            "url": reverse("web:evidence", args=[overview.customer.public_id, row.public_id]),
            "kind": kinds[row.kind],
            "added_at": row.added_at,
            "added_by": names[row.added_by],
        }
        for row in overview.evidence
    ]


def history_entries(customer: Customer, records: Iterable[AuditRecord], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Audit records as sentences."""
    return [
        {"at": record.recorded_at, "who": names[record.actor], "what": _sentence(record), "url": _place(customer, record)}
        for record in records
    ]


def _sentence(record: AuditRecord) -> str:
    detail = record.detail
    if record.action == "opportunity.created":
        count = int(detail.get("hypotheses", 0))
        return ngettext("Found %(n)d value hypothesis", "Found %(n)d value hypotheses", count) % {"n": count}
    if record.action == "hypothesis.decided":
        words = {"accepted": _("Accepted: %(c)s"), "edited": _("Reworded: %(c)s"), "refused": _("Refused: %(c)s")}
        return words.get(str(detail.get("decision")), _("Reopened: %(c)s")) % {"c": detail.get("claim", "")}
    if record.action == "customer.stage_moved":
        return str(_("Moved from %(before)s to %(after)s") % detail)
    if record.action == "telemetry.ingested":
        count = int(detail.get("added", 0))
        return ngettext("Added %(n)d measurement", "Added %(n)d measurements", count) % {"n": count}
    known = _WORDS.get(record.action)
    try:
        return _(known) % detail if known else record.action.replace(".", " ").replace("_", " ")
    except KeyError:
        return record.action.replace(".", " ").replace("_", " ")


def _place(customer: Customer, record: AuditRecord) -> str:
    kind, _colon, public_id = record.subject.partition(":")
    if kind == "evidence":
        return reverse("web:evidence", args=[customer.public_id, public_id])
    if kind == "execution":
        return reverse("web:run", args=[public_id])
    if kind == "approval":
        return reverse("approvals:detail", args=[public_id])
    return part_url(customer, _PARTS[kind]) if kind in _PARTS else ""
