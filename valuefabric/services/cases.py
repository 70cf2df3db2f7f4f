"""Business cases: drafted, changed version by version, withdrawn. A change makes a draft of it and voids what was asked."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from approvals.services import approval_void
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import BusinessCase, CaseVersion, Customer, ModelVersion
from valuefabric.models.states import CASES, CaseState, Stage, transition
from valuefabric.selectors.case_content import CONTENT_COLUMNS, case_hash
from valuefabric.services.case_drafts import CaseDraft, case_columns
from valuefabric.services.customers import customer_stage_move
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import CaseWithdrawn, TargetDefined

OPEN = (CaseState.DRAFT, CaseState.QUARANTINED, CaseState.STAMPED)


class CaseMismatch(ValueError):
    """A case was to be made of a model, or changed for a customer, that it does not belong to."""


def case_draft(
    *,
    customer: Customer,
    model_version: ModelVersion,
    draft: CaseDraft,
    actor: Actor,
    case: BusinessCase | None = None,
    reason: str = "drafted",
    process: str = "",
) -> BusinessCase:
    """Draft a case, or with ``case`` make the draft its next version; the same content again is no version.

    Moves the customer to ``target``. Raises PermissionDenied, CaseMismatch, and IllegalTransition for a case that is committed.
    """
    require_access(actor, Permission.MODEL_EDIT, customer)
    if model_version.model.customer_id != customer.pk or (case and case.customer_id != customer.pk):
        raise CaseMismatch("Model and case must be this customer's own.")
    if model_version.branch_id is not None:
        raise CaseMismatch("A case stands on the main line of its model. Merge the branch first.")
    columns = case_columns(draft)
    with transaction.atomic():
        if case is None:
            return _first(customer, model_version, columns, reason, actor, process)
        return case_change(case=case, columns=columns, model_version=model_version, reason=reason, actor=actor, process=process)


def case_change(
    *,
    case: BusinessCase,
    columns: dict[str, Any],
    model_version: ModelVersion,
    reason: str,
    actor: Actor,
    process: str = "",
) -> BusinessCase:
    """Make the content the case's next version, a draft; live approval requests of the former content become void.

    For services that have checked who acts. Raises IllegalTransition for a case that is committed or over.
    """
    with transaction.atomic():
        locked = BusinessCase.objects.select_for_update().get(pk=case.pk)
        same = all(getattr(locked, name) == columns.get(name, getattr(locked, name)) for name in CONTENT_COLUMNS)
        if same and locked.model_version_id == model_version.pk:
            return locked
        if locked.state != CaseState.DRAFT:
            locked.state = transition(CASES, CaseState(locked.state), CaseState.DRAFT)
        for name in CONTENT_COLUMNS:
            setattr(locked, name, columns.get(name, getattr(locked, name)))
        locked.model_version = model_version
        locked.version, locked.previous_hash = locked.version + 1, locked.content_hash
        _keep(locked, reason, actor, process)
        approval_void(
            subject=locked.reference,
            content_hash_now=locked.content_hash,
            reason=f"The case changed to version {locked.version}: {reason}",
            actor=actor.identifier,
        )
    return locked


def case_labels_review(*, case: BusinessCase, actor: Actor, parts: Collection[str] | None = None) -> BusinessCase:
    """Note that a person has read what agents wrote (all of it, or ``parts``): the labels name them, in the next version.

    Raises PermissionDenied, IllegalTransition for a committed case, and CaseMismatch for an agent or an unknown part.
    """
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    current = BusinessCase.objects.select_related("model_version").get(pk=case.pk)
    labelled = {label["part"] for label in current.ai_labels}
    if actor.user_id is None or not set(parts or labelled) <= labelled:
        raise CaseMismatch("Only a person can review, and only parts that are labelled: " + ", ".join(sorted(labelled)) + ".")
    wanted = set(parts or labelled)
    labels = [{**label, "reviewed_by": actor.name} if label["part"] in wanted else label for label in current.ai_labels]
    return case_change(
        case=current,
        columns={"ai_labels": labels},
        model_version=current.model_version,
        reason="agents' work reviewed",
        actor=actor,
    )


def cases_follow_model(*, version: ModelVersion, reason: str, actor: Actor, process: str = "") -> list[BusinessCase]:
    """Take the model's open cases along to a new version of it; returns those that changed. For ``model_save``."""
    open_cases = BusinessCase.objects.filter(model_version__model=version.model_id, state__in=OPEN).order_by("pk")
    return [
        case_change(case=case, columns={}, model_version=version, reason=reason, actor=actor, process=process)
        for case in open_cases
    ]


def case_withdraw(*, case: BusinessCase, reason: str, actor: Actor, process: str = "") -> BusinessCase:
    """Take a case back (compensation): it stays readable, its approval requests become void, its links are revoked.

    Withdrawing it again changes nothing. Raises IllegalTransition for a committed case: reverse its commitment first.
    """
    require_access(actor, Permission.MODEL_EDIT, case.customer)
    with transaction.atomic():
        locked = BusinessCase.objects.select_for_update().get(pk=case.pk)
        if locked.state == CaseState.WITHDRAWN:
            return locked
        locked.state = transition(CASES, CaseState(locked.state), CaseState.WITHDRAWN)
        locked.withdrawn_reason = reason
        row_save(locked, actor=actor, reason=reason, fields=["state", "withdrawn_reason"])
        locked.links.filter(revoked_at=None).update(revoked_at=timezone.now(), revoked_by=actor.identifier)
        payload = CaseWithdrawn(customer=str(locked.customer.public_id), case=str(locked.public_id), reason=reason)
        record(topic="value.case.withdrawn", row=locked, payload=payload, actor=actor, process=process)
        approval_void(
            subject=locked.reference, content_hash_now="", reason=f"The case was withdrawn: {reason}", actor=actor.identifier
        )
        _back_to_opportunity(locked.customer, actor, process)
    return locked


def _first(
    customer: Customer, model_version: ModelVersion, columns: dict[str, Any], reason: str, actor: Actor, process: str
) -> BusinessCase:
    case = BusinessCase(
        customer=customer,
        model_version=model_version,
        owner_id=customer.owner_id,
        drafted_by=actor.identifier,
        **{name: columns[name] for name in CONTENT_COLUMNS},
    )
    _keep(case, reason, actor, process)
    customer.refresh_from_db(fields=["stage"])
    # A further case while another one is realized does not move the customer back.
    if customer.stage in (Stage.OPPORTUNITY, Stage.EXPANSION):
        customer_stage_move(customer=customer, to=Stage.TARGET, actor=actor, process=process)
    return case


def _keep(case: BusinessCase, reason: str, actor: Actor, process: str) -> None:
    """Hash, save, keep the version, tell."""
    case.content_hash = case_hash(case)
    row_save(case, actor=actor, reason=reason)
    CaseVersion.objects.create(
        case=case,
        number=case.version,
        model_version=case.model_version,
        content_hash=case.content_hash,
        previous_hash=case.previous_hash,
        reason=reason[:500],
        by=actor.identifier,
        **{name: getattr(case, name) for name in CONTENT_COLUMNS},
    )
    payload = TargetDefined(
        customer=str(case.customer.public_id),
        case=str(case.public_id),
        version=case.version,
        content_hash=case.content_hash,
        model=str(case.model_version.model.public_id),
        model_version=case.model_version.number,
    )
    record(topic="value.target.defined", row=case, payload=payload, actor=actor, process=process, detail={"reason": reason})


def _back_to_opportunity(customer: Customer, actor: Actor, process: str) -> None:
    stands = customer.cases.exclude(state__in=[CaseState.WITHDRAWN, CaseState.SUPERSEDED]).exists()
    if customer.stage == Stage.TARGET and not stands:
        customer_stage_move(customer=customer, to=Stage.OPPORTUNITY, actor=actor, process=process)
