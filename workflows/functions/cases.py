"""Committing and exporting a business case."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from approvals.models import ApprovalRequest
from valuefabric.models import BusinessCase, Commitment
from valuefabric.services.commitments import case_commit, commitment_reverse
from valuefabric.services.exports import case_export_workbook
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun


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


def _export(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    export = case_export_workbook(case=_case(run), actor=run.actor)
    return {"export": str(export.public_id), "filename": export.filename, "blob": export.blob, "size": export.size}


def _case(run: StepRun) -> BusinessCase:
    return BusinessCase.objects.select_related("customer").get(public_id=run.inputs["case"])


CASE_COMMIT = StepFunction("case.commit", commit=_commit, compensate=_reverse)
# An export is a copy of what was approved; rolling back does not make it untrue, so it stays.
CASE_EXPORT = StepFunction("case.export", commit=_export)
