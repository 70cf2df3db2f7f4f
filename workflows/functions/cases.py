"""Mending the words of a business case, committing it, and exporting it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from agents.customer import customer_of
from approvals.models import ApprovalRequest
from approvals.services import ApprovalUnusable
from valuefabric.domain.manifesto import RuleResult
from valuefabric.domain.manifesto.mends import MendError
from valuefabric.models import BusinessCase, CaseLink, Commitment, IntegrityReview
from valuefabric.models.states import CaseState
from valuefabric.selectors.case_content import CONTENT_COLUMNS
from valuefabric.services.cases import case_change
from valuefabric.services.commitments import case_commit, commitment_reverse
from valuefabric.services.exports import case_export_workbook
from valuefabric.services.links import case_link_revoke
from valuefabric.services.reviews import mend_apply
from workflows.steps.approval import request_withdraw
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun, StepTerminal

_WORDS = "/narrative/"
_DAYS = 30  # as the tool that sends a link has it


class NothingToSend(LookupError):
    """There is no case that may be sent; have one stamped first."""


def _commit(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    starts_on = run.inputs.get("starts_on")
    try:
        commitment = case_commit(
            case=_case(run),
            approval=ApprovalRequest.objects.get(public_id=run.inputs["approval"]),
            actor=run.actor,
            starts_on=date.fromisoformat(starts_on) if starts_on else None,
        )
    except ApprovalUnusable as unusable:
        # Trying again finds the same approval; people are asked anew by the step that asks.
        raise StepTerminal(str(unusable)) from unusable
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
    before = _case(run).version
    review = IntegrityReview.objects.get(public_id=verdict["review"], case__public_id=run.inputs["case"])
    applied: list[str] = []
    left: list[str] = []
    for result in map(RuleResult.model_validate, review.violations):
        (applied if _mended(run, result) else left).append(result.key)
    return {"applied": applied, "left": left, "versions": [before, _case(run).version]}


def _unmend(run: StepRun, output: Mapping[str, Any]) -> None:
    """Give the case the words back that it had, as a new version: what was mended stays in its history.

    Words that somebody has written since are theirs and stay.
    """
    before, after = output.get("versions", [0, 0])
    case = _case(run)
    if before == after or case.state in (CaseState.WITHDRAWN, CaseState.SUPERSEDED):
        return
    former, mended = case.versions.get(number=before), case.versions.get(number=after)
    if any(getattr(case, name) != getattr(mended, name) for name in CONTENT_COLUMNS):
        return
    case_change(
        case=case,
        columns={name: getattr(former, name) for name in CONTENT_COLUMNS},
        model_version=case.model_version,
        reason=f"The run was rolled back: the words of version {before} again.",
        actor=run.actor,
    )


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


def _to_send(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    """The case that is named, or the newest of the customer that may leave the house."""
    found = customer_of(run.actor, run.inputs).cases.filter(state__in=[CaseState.STAMPED, CaseState.COMMITTED])
    named = run.inputs.get("case")
    case = (found.filter(public_id=named) if named else found).order_by("-id").first()
    if case is None:
        raise NothingToSend("This customer has no such case that is stamped or committed, and no other leaves the house.")
    # Said once, so that asking again asks for the same.
    until = timezone.now() + timedelta(days=run.inputs.get("days", _DAYS))
    return {"case": str(case.public_id), "title": case.title, "version": case.version, "until": until.isoformat()}


def _revoke_link(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    link = CaseLink.objects.select_related("case__customer").get(public_id=run.inputs["link"])
    case_link_revoke(link=link, actor=run.actor)
    return {"link": str(link.public_id)}


def _withdraw_share(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    """What undoes asking for a link: the approval is good for nothing more, and the link of its id is closed."""
    if request := run.inputs["request"]:  # empty where nobody was asked
        request_withdraw(request, "The run was rolled back.", run.actor)
        for link in CaseLink.objects.select_related("case__customer").filter(public_id=request):
            case_link_revoke(link=link, actor=run.actor)
    return {}


CASE_MEND = StepFunction("case.mend", commit=_mend, compensate=_unmend)
CASE_COMMIT = StepFunction("case.commit", commit=_commit, compensate=_reverse)
# For definitions that declare what undoes a step: compensate: {function: case.reverse, inputs: {commitment, reason}}.
CASE_REVERSE = StepFunction("case.reverse", commit=_reverse_declared)
# An export is a copy of what was approved; rolling back does not make it untrue, so it stays.
CASE_EXPORT = StepFunction("case.export", commit=_export)

CASE_TO_SEND = StepFunction("case.to_send", commit=_to_send)
# What undoes sending a case: nobody opens it any more. What was read stays read.
CASE_LINK_REVOKE = StepFunction("case.link_revoke", commit=_revoke_link)
CASE_SHARE_WITHDRAW = StepFunction("case.share_withdraw", commit=_withdraw_share)

FUNCTIONS = (CASE_MEND, CASE_COMMIT, CASE_REVERSE, CASE_EXPORT, CASE_TO_SEND, CASE_LINK_REVOKE, CASE_SHARE_WITHDRAW)
