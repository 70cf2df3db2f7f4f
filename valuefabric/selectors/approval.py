"""Committing a case as an approvable action: what an approval binds to, and what an approver is shown."""

import uuid
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from approvals.actions import ApprovableAction, SubjectGone
from approvals.chains import Chain, Stage
from tenants.roles import Role
from valuefabric.models import BusinessCase, CaseVersion, IntegrityReview
from valuefabric.models.states import CaseState
from valuefabric.selectors.approval_stakes import commit_evidence, commit_stakes
from valuefabric.selectors.case_content import CONTENT_COLUMNS, case_hash
from valuefabric.selectors.stamps import require_stamp

CASE_COMMIT = "case.commit"
CASE_SHARE = "case.share"

_MONEY = (
    ("Benefits at present value", "pv_benefits"),
    ("Costs at present value", "pv_costs"),
    ("Net present value", "npv"),
)


def case_of_subject(subject: str) -> BusinessCase:
    """The case that ``case:<public id>`` names. Raises SubjectGone for one that is withdrawn or was never there."""
    kind, _colon, public_id = subject.partition(":")
    try:
        rows = BusinessCase.objects.select_related("customer", "model_version__model", "owner")
        case = rows.get(public_id=uuid.UUID(public_id)) if kind == "case" else None
    except (ValueError, BusinessCase.DoesNotExist):
        case = None
    if case is None or case.state == CaseState.WITHDRAWN:
        raise SubjectGone(f"{subject} is not a case, or was withdrawn.")
    return case


def commit_hash(subject: str) -> str:
    """The case's content hash, recomputed from its rows."""
    return case_hash(case_of_subject(subject))


def commit_summary(subject: str) -> dict[str, Any]:
    """What is asked on one phone screen: four figures, violations and warnings, and the facts compared between versions.

    Raises NotStamped: whoever asks, a case without a stamp for what it says now is put before nobody.
    """
    case = case_of_subject(subject)
    require_stamp(case)
    return case_shown(case)


def case_shown(case: BusinessCase) -> dict[str, Any]:
    """What an approver is shown of a case, whatever is asked about it."""
    measures = case.model_version.measures
    review = case.reviews.filter(content_hash=case.content_hash).order_by("-id").first()
    return {
        "title": case.title,
        "kind": "Business case",
        "customer": case.customer.name,
        "version": f"v{case.version}",
        "description": case.sections.get("summary", ""),
        "href": f"/customers/{case.customer.public_id}/case/",
        "figures": [*_money(case, measures), _payback(case, measures)],
        "violations": [
            {"title": result["title"], "explanation": result["explanation"], "severity": result["status"]}
            for result in (review.results if review else [])
            if result["status"] != "passed"
        ],
        "facts": {**_facts(case, measures), "Integrity": _integrity(review)},
    }


def rounded(value: str | Decimal) -> str:
    """Money as shown: whole units, grouped."""
    return f"{Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP):,}"


def changed_parts(case: BusinessCase) -> tuple[str, ...]:
    """Which parts of the case differ from the version before, by name; nothing for a first version."""
    before = CaseVersion.objects.filter(case=case, number=case.version - 1).select_related("model_version").first()
    if before is None:
        return ()
    parts = [name for name in CONTENT_COLUMNS if getattr(before, name) != getattr(case, name)]
    if before.model_version.content_hash != case.model_version.content_hash:
        parts.append("model")
    return tuple(part.replace("_", " ") for part in parts)


def _integrity(review: IntegrityReview | None) -> str:
    return f"stamped by rule set {review.rule_set_version}" if review and review.passed else "not stamped"


def _money(case: BusinessCase, measures: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"label": label, "value": rounded(measures[name]), "unit": measures["currency"], "href": _cell(case, name)}
        for label, name in _MONEY
    ]


def _payback(case: BusinessCase, measures: dict[str, Any]) -> dict[str, str]:
    return {"label": "Payback", "value": measures["payback_text"], "href": _cell(case, "payback_months")}


def _cell(case: BusinessCase, measure: str) -> str:
    return f"/customers/{case.customer.public_id}/model/source/measure.{measure}/"


def _facts(case: BusinessCase, measures: dict[str, Any]) -> dict[str, str]:
    roi = measures["roi_pct"]
    facts = {f"{driver['label']} (present value)": rounded(driver["pv"]) for driver in measures["drivers"] if driver["counted"]}
    return {
        **facts,
        "Low scenario": f"{rounded(measures['low']['npv'])} {measures['currency']}",
        "High scenario": f"{rounded(measures['high']['npv'])} {measures['currency']}",
        "Return on investment": f"{rounded(roi)} %" if roi is not None else "no costs in the model",
        "Not counted": "; ".join(case.exclusions) or "nothing",
        "Model version": str(case.model_version.number),
        "Changed since the last version": ", ".join(changed_parts(case)) or "nothing: this is the first version",
    }


CASE_COMMIT_ACTION = ApprovableAction(
    key=CASE_COMMIT,
    title="Commit a business case",
    current_hash=commit_hash,
    summary=lambda subject, _arguments: commit_summary(subject),
    risk=lambda subject, _arguments: commit_stakes(case_of_subject(subject).model_version.measures),
    evidence=commit_evidence,
    # Two people where the tenant has set no policy of its own.
    default_chain=Chain(stages=(Stage(title="Approvers", role=Role.APPROVER, needed=2),)),
)
