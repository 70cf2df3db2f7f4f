"""Recording what was realized, and what could come next. The figures are computed here, from the database, by nobody else."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from django.db import IntegrityError, transaction

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.expansion import Benchmark, find_gaps, proposal_document
from valuefabric.domain.model import ModelDocument, content_hash
from valuefabric.models import Commitment, ExpansionProposal, RealizationReport
from valuefabric.models.states import PROPOSALS, ProposalState, Stage, transition
from valuefabric.selectors.case_content import canonical_hash
from valuefabric.selectors.documents import document_of, document_plain, measures_of
from valuefabric.selectors.realization import last_measured_on, realization_of, result_of
from valuefabric.services.customers import customer_stage_move
from valuefabric.services.records import record, require_access, row_save
from valuefabric.services.value_models import model_save
from valuefabric.topics import ExpansionDecided, ExpansionTriggered, RealizationUpdated


class NothingMeasured(ValueError):
    """There is no telemetry to hold the commitment against; ingest some first."""


class CommitmentOver(ValueError):
    """The commitment was reversed; there is nothing to be measured against."""


def realization_record(
    *, commitment: Commitment, actor: Actor, as_of: date | None = None, process: str = ""
) -> RealizationReport:
    """Compute and keep attainment, variance, forecast and renewal risk as of a day (the newest measurement's without one).

    The same result again is the same report. Raises PermissionDenied, CommitmentOver, NothingMeasured, TelemetryError.
    """
    require_access(actor, Permission.TELEMETRY_ADD, commitment.customer)
    if commitment.reversed_at:
        raise CommitmentOver("This commitment was reversed; there is no promise to measure.")
    newest = last_measured_on(commitment)
    if newest is None:
        raise NothingMeasured("There is no telemetry of this customer yet. Upload a file, or connect a source.")
    day = as_of or newest
    result = realization_of(commitment, as_of=day).model_dump(mode="json")
    digest = canonical_hash(result)
    existing = RealizationReport.objects.filter(commitment=commitment, as_of=day, content_hash=digest)
    if report := existing.first():
        return report
    try:
        with transaction.atomic():
            return _report(commitment, day, result, digest, actor, process)
    except IntegrityError:
        # Somebody computed the same at the same moment; anything else that was violated is an error.
        if report := existing.first():
            return report
        raise


def expansion_record(
    *, report: RealizationReport, benchmarks: Sequence[Benchmark], actor: Actor, process: str = ""
) -> ExpansionProposal:
    """Find gaps against benchmarks and keep them as a proposal with the model that would follow.

    Moves the customer to ``expansion``. The same proposal again is the same row. Raises PermissionDenied, BenchmarkError.
    """
    commitment = report.commitment
    require_access(actor, Permission.MODEL_EDIT, commitment.customer)
    document, realization = document_of(commitment.model_version), result_of(report)
    expansion = find_gaps(document, benchmarks, realization=realization)
    proposed = proposal_document(document, expansion, realization)
    result = expansion.model_dump(mode="json")
    digest = canonical_hash({"result": result, "model": content_hash(proposed), "report": report.content_hash})
    with transaction.atomic():
        # One at a time per commitment: two runs must not both find the proposal missing.
        Commitment.objects.select_for_update().get(pk=commitment.pk)
        same = ExpansionProposal.objects.filter(commitment=commitment, content_hash=digest)
        if existing := same.exclude(state=ProposalState.WITHDRAWN).first():
            return existing
        proposal = ExpansionProposal(
            customer=commitment.customer,
            commitment=commitment,
            title=proposed.title[:300],
            result=result,
            document=document_plain(proposed),
            measures=measures_of(proposed),
            content_hash=digest,
            recorded_by=actor.identifier,
        )
        row_save(proposal, actor=actor)
        _move_on(proposal, actor, process)
        payload = ExpansionTriggered(
            customer=str(commitment.customer.public_id),
            proposal=str(proposal.public_id),
            gaps=len(expansion.gaps),
            content_hash=digest,
        )
        record(topic="value.expansion.triggered", row=proposal, payload=payload, actor=actor, process=process)
    return proposal


def expansion_decide(
    *, proposal: ExpansionProposal, decision: Literal["accepted", "refused"], actor: Actor, reason: str = ""
) -> ExpansionProposal:
    """Accept a proposal (its document becomes a new model, ready for a case) or refuse it. Raises IllegalTransition."""
    require_access(actor, Permission.MODEL_EDIT, proposal.customer)
    with transaction.atomic():
        locked = _moved(proposal, ProposalState(decision), actor, reason)
        if decision == "accepted":
            document = ModelDocument.model_validate(locked.document)
            version = model_save(customer=locked.customer, document=document, reason="accepted expansion", actor=actor)
            locked.accepted_model = version.model
            row_save(locked, actor=actor, fields=["accepted_model"])
    return locked


def expansion_withdraw(*, proposal: ExpansionProposal, reason: str, actor: Actor, process: str = "") -> ExpansionProposal:
    """Take a proposal back (compensation). Withdrawing it again changes nothing."""
    require_access(actor, Permission.MODEL_EDIT, proposal.customer)
    with transaction.atomic():
        current = ExpansionProposal.objects.select_for_update().get(pk=proposal.pk)
        if current.state == ProposalState.WITHDRAWN:
            return current
        locked = _moved(current, ProposalState.WITHDRAWN, actor, reason, process)
        customer = locked.customer
        customer.refresh_from_db(fields=["stage"])
        stands = customer.expansion_proposals.exclude(state=ProposalState.WITHDRAWN).exists()
        if customer.stage == Stage.EXPANSION and not stands:
            customer_stage_move(customer=customer, to=Stage.REALIZATION, actor=actor, process=process)
    return locked


def _report(
    commitment: Commitment, day: date, result: dict[str, object], digest: str, actor: Actor, process: str
) -> RealizationReport:
    customer = commitment.customer
    report = RealizationReport.objects.create(
        customer=customer,
        commitment=commitment,
        as_of=day,
        result=result,
        content_hash=digest,
        synthetic=customer.telemetry.filter(observed_at__date__lte=day, synthetic=True).exists(),
        recorded_by=actor.identifier,
    )
    payload = RealizationUpdated(
        customer=str(customer.public_id),
        commitment=str(commitment.public_id),
        report=str(report.public_id),
        as_of=day.isoformat(),
        content_hash=digest,
    )
    record(topic="value.realization.updated", row=commitment, payload=payload, actor=actor, process=process)
    return report


def _move_on(proposal: ExpansionProposal, actor: Actor, process: str) -> None:
    customer = proposal.customer
    customer.refresh_from_db(fields=["stage"])
    if customer.stage == Stage.REALIZATION:
        customer_stage_move(customer=customer, to=Stage.EXPANSION, actor=actor, process=process)


def _moved(proposal: ExpansionProposal, to: ProposalState, actor: Actor, reason: str, process: str = "") -> ExpansionProposal:
    locked = ExpansionProposal.objects.select_for_update().get(pk=proposal.pk)
    locked.state = transition(PROPOSALS, ProposalState(locked.state), to)
    locked.decided_by = actor.identifier
    row_save(locked, actor=actor, reason=reason, fields=["state", "decided_by"])
    payload = ExpansionDecided.model_validate(
        {"customer": str(locked.customer.public_id), "proposal": str(locked.public_id), "decision": to.value}
    )
    detail = {"reason": reason}
    record(topic="value.expansion.decided", row=locked, payload=payload, actor=actor, process=process, detail=detail)
    return locked
