"""Mending the words of a business case, committing it, and exporting it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from approvals.models import ApprovalRequest
from valuefabric.domain.manifesto import RuleResult
from valuefabric.domain.manifesto.mends import MendError
from valuefabric.models import BusinessCase, CaseLink, Commitment, IntegrityReview
from valuefabric.services.commitments import case_commit, commitment_reverse
from valuefabric.services.exports import case_export_workbook
from valuefabric.services.links import case_link_revoke
from valuefabric.services.reviews import mend_apply
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun

_WORDS = "/narrative/"


def _commit(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    starts_on = run.inputs.get("starts_on")
    commitment = case_commit(
        case=_case(run),
        approval=ApprovalRequest.objects.get(public_id=run.inputs["approval"]),
        actor=run.actor,
        starts_on=date.fromisoformat(starts_on) if starts_on else None,
    )
    return {
        "commitment": str(commitment.public_id),
        "content_hash": commitment.content_hash,
        "starts_on": commitment.starts_on.isoformat(),
        "ends_on": commitment.ends_on.isoformat(),
    }


def _reverse(run: StepRun, output: Mapping[str, Any]) -> None:
    commitment = Commitment.objects.select_related("customer").get(public_id=output["commitment"])
    commitment_reverse(commitment=commitment, reason="The run was rolled back.", actor=run.actor)


def _reverse_declared(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    commitment = Commitment.objects.select_related("customer").get(public_id=run.inputs["commitment"])
    commitment_reverse(commitment=commitment, reason=run.inputs["reason"], actor=run.actor)
    return {"commitment": str(commitment.public_id)}


def _export(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    export = case_export_workbook(case=_case(run), actor=run.actor)
    return {"export": str(export.public_id), "filename": export.filename, "blob": export.blob, "size": export.size}


def _mend(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    """Apply the mends that the last review proposes for the case's words, where code knows the new text.

    What concerns the model is left to people: no step of a run changes a figure because a rule objects to it.
    """
    verdict = run.inputs.get("verdict") or {}
    if not verdict.get("review"):
        return {"applied": [], "left": []}
    review = IntegrityReview.objects.get(public_id=verdict["review"], case__public_id=run.inputs["case"])
    applied: list[str] = []
    left: list[str] = []
    for result in map(RuleResult.model_validate, review.violations):
        (applied if _mended(run, result) else left).append(result.key)
    return {"applied": applied, "left": left}


def _mended(run: StepRun, result: RuleResult) -> bool:
    mend = result.mend
    if mend is None or mend.needs or not mend.path.startswith(_WORDS):
        return False
    try:
        mend_apply(case=_case(run), mend=mend, actor=run.actor)
    except MendError:  # a mend before it changed the same words; the next review says what is left
        return False
    return True


def _case(run: StepRun) -> BusinessCase:
    return BusinessCase.objects.select_related("customer").get(public_id=run.inputs["case"])


def _revoke_link(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    link = CaseLink.objects.select_related("case__customer").get(public_id=run.inputs["link"])
    case_link_revoke(link=link, actor=run.actor)
    return {"link": str(link.public_id)}


CASE_MEND = StepFunction("case.mend", commit=_mend)
CASE_COMMIT = StepFunction("case.commit", commit=_commit, compensate=_reverse)
# For definitions that declare what undoes a step: compensate: {function: case.reverse, inputs: {commitment, reason}}.
CASE_REVERSE = StepFunction("case.reverse", commit=_reverse_declared)
# An export is a copy of what was approved; rolling back does not make it untrue, so it stays.
CASE_EXPORT = StepFunction("case.export", commit=_export)

# What undoes sending a case: nobody opens it any more. What was read stays read.
CASE_LINK_REVOKE = StepFunction("case.link_revoke", commit=_revoke_link)

FUNCTIONS = (CASE_MEND, CASE_COMMIT, CASE_REVERSE, CASE_EXPORT, CASE_LINK_REVOKE)
