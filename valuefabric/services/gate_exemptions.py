"""Exempting a row of a model from a rule of the conservative gate, for a reason and on record; and taking that back."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.model.gate import Finding
from valuefabric.models import BusinessCase, GateExemption, ModelVersion, ValueModel
from valuefabric.models.gate_exemption import LONGEST_REASON
from valuefabric.models.states import CaseState
from valuefabric.selectors.conservative_gate import gate_of
from valuefabric.selectors.documents import document_of
from valuefabric.services.records import record, require_access, row_save
from valuefabric.services.reviews import case_review
from valuefabric.topics import GateExempted

_ELSEWHERE = "base_above_middle"
_STANDS = "The row is exempt from that rule already. Withdraw that exemption before you give another."


class ExemptionRefused(ValueError):
    """An exemption cannot be given so; the message says why."""


def gate_exempt(
    *, model: ValueModel, rule: str, row: str, reason: str, actor: Actor, public_id: UUID | None = None
) -> GateExemption:
    """Let ``row`` of the model's newest version pass ``rule``, as far beyond its limit as it is now and no further.

    For owners and admins (``settings.manage``). Cases have to be reviewed again to pass by it. ``public_id`` is that of the
    approval that asked for it, where one did. Raises PermissionDenied, and ExemptionRefused without a reason, without such a
    finding, for one that is exempt already, and for what evidence decides.
    """
    with transaction.atomic():
        locked = ValueModel.objects.select_for_update().get(pk=model.pk)
        finding, version = gate_finding(model=locked, rule=rule, row=row, reason=reason, actor=actor)
        exemption = _given(locked, version, finding, " ".join(reason.split())[:LONGEST_REASON], actor, public_id)
        _tell("value.gate.exempted", exemption, actor)
    return exemption


def gate_finding(*, model: ValueModel, rule: str, row: str, reason: str, actor: Actor) -> tuple[Finding, ModelVersion]:
    """What the actor could exempt now, and in which version. Nothing is written. Raises as ``gate_exempt``."""
    require_access(actor, Permission.SETTINGS_MANAGE, model.customer)
    if not reason.strip():
        raise ExemptionRefused("Say why: the reason stands in the case, in its stamp and in the audit log, with your name.")
    if actor.user_id is None:
        raise ExemptionRefused("A person answers for an exemption, not an agent.")
    if model.gate_exemptions.filter(rule=rule, row=row, withdrawn_at=None).exists():
        raise ExemptionRefused(_STANDS)
    version = model.versions.get(number=model.head_number)
    return _found(model, version, rule, row), version


def gate_exemption_withdraw(*, exemption: GateExemption, actor: Actor) -> GateExemption:
    """Take an exemption back; stamped cases of the model are reviewed again, which voids what was asked for them.

    Withdrawing it again changes nothing. A commitment that was made stays: reverse it if it should not stand.
    """
    model = exemption.model
    require_access(actor, Permission.SETTINGS_MANAGE, model.customer)
    with transaction.atomic():
        locked = GateExemption.objects.select_for_update().get(pk=exemption.pk)
        if locked.withdrawn_at is None:
            locked.withdrawn_at, locked.withdrawn_by = timezone.now(), actor.identifier
            row_save(locked, actor=actor, fields=["withdrawn_at", "withdrawn_by"])
            _tell("value.gate.exemption_withdrawn", locked, actor)
            for case in BusinessCase.objects.filter(model_version__model=model, state=CaseState.STAMPED).order_by("pk"):
                case_review(case=case, actor=actor)
    return locked


def _found(model: ValueModel, version: ModelVersion, rule: str, row: str) -> Finding:
    """The finding, the worst one where a rule finds several of a row."""
    if rule == _ELSEWHERE:
        raise ExemptionRefused("What evidence says is not exempted. Lower the figure, or bring evidence that says more.")
    held = gate_of(model, document_of(version)).held
    findings = [one.finding for one in held if (one.finding.rule, one.finding.row) == (rule, row)]
    if not findings:
        raise ExemptionRefused(f"The gate finds nothing by the rule {rule!r} in the row {row!r} of version {version.number}.")
    return max(findings, key=lambda finding: finding.by)


def _given(
    model: ValueModel, version: ModelVersion, finding: Finding, reason: str, actor: Actor, public_id: UUID | None
) -> GateExemption:
    exemption = GateExemption(
        public_id=public_id or uuid4(),
        model=model,
        version=version,
        rule=finding.rule,
        row=finding.row,
        up_to=f"{finding.by:f}",
        unit=finding.unit,
        reason=reason,
        by=actor.identifier,
        by_name=actor.name,
    )
    try:
        with transaction.atomic():
            row_save(exemption, actor=actor, reason=reason)
    except IntegrityError as error:
        raise ExemptionRefused(_STANDS) from error
    return exemption


def _tell(topic: str, exemption: GateExemption, actor: Actor) -> None:
    payload = GateExempted(
        customer=str(exemption.model.customer.public_id),
        model=str(exemption.model.public_id),
        exemption=str(exemption.public_id),
        rule=exemption.rule,
        row=exemption.row,
    )
    detail = {"reason": exemption.reason, "up_to": exemption.up_to, "unit": exemption.unit, "version": exemption.version.number}
    record(topic=topic, row=exemption, payload=payload, actor=actor, detail=detail)
