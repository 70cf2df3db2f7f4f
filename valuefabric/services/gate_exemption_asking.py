"""Letting a row pass the conservative gate, as an action that a policy can put under other people's oversight.

Without a policy an owner or admin answers for it alone. With one they ask, and a worker gives the exemption once it is approved;
on the loop it is taken back when somebody objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied

from approvals.actions import ApprovableAction, SubjectGone
from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.people import actor_now
from approvals.risk import Audience, Risk
from approvals.selectors.policies import is_governed
from approvals.services import ApprovalUnusable, approval_request_open
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.roles import Role
from valuefabric.domain.model import content_hash
from valuefabric.domain.model.gate import Finding
from valuefabric.models import GateExemption, ModelVersion, ValueModel
from valuefabric.selectors.documents import document_of
from valuefabric.services.gate_exemptions import ExemptionRefused, gate_exempt, gate_exemption_withdraw, gate_finding

GATE_EXEMPT = "gate.exempt"


@dataclass(frozen=True)
class Exempted:
    """What came of it: the exemption that was given, or the request that was opened for it."""

    exemption: GateExemption | None = None
    request: ApprovalRequest | None = None


def gate_exemption_give(*, model: ValueModel, rule: str, row: str, reason: str, actor: Actor) -> Exempted:
    """Let ``row`` pass ``rule`` as ``gate_exempt`` does, or ask for it where a policy says so.

    Raises as ``gate_exempt``, and ChainImpossible where nobody could approve it.
    """
    if not is_governed(GATE_EXEMPT):
        return Exempted(exemption=gate_exempt(model=model, rule=rule, row=row, reason=reason, actor=actor))
    finding, version = gate_finding(model=model, rule=rule, row=row, reason=reason, actor=actor)
    arguments = {"rule": rule, "row": row, "reason": " ".join(reason.split()), "up_to": f"{finding.by:f}"}
    request = approval_request_open(
        action=GATE_EXEMPT,
        subject=model.reference,
        content_hash=_model_hash(model.reference),
        requested_by=actor.identifier,
        arguments=arguments,
        summary=_summary(model, version, finding, arguments["reason"]),
    )
    return Exempted(request=request)


def exemption_apply(request: ApprovalRequest) -> None:
    """Give the exemption, as whoever asked and as they may now; no wider than what was shown."""
    given = request.arguments
    try:
        made = gate_exempt(
            model=_model(request.subject),
            rule=given["rule"],
            row=given["row"],
            reason=given["reason"],
            actor=actor_now(request.requested_by),
            public_id=request.public_id,
        )
    except (PermissionDenied, ExemptionRefused) as refused:
        raise ApprovalUnusable(str(refused)) from refused
    if made.up_to != given["up_to"]:
        raise ApprovalUnusable(f"It was approved up to {given['up_to']}, and the gate now finds {made.up_to} {made.unit}.")


def exemption_revert(request: ApprovalRequest) -> None:
    """Take the exemption back that the approval gave; stamped cases of the model are reviewed again."""
    exemption = GateExemption.objects.select_related("model__customer").get(public_id=request.public_id)
    gate_exemption_withdraw(exemption=exemption, actor=SYSTEM_ACTOR)


def _model(subject: str) -> ValueModel:
    kind, _colon, public_id = subject.partition(":")
    try:
        if kind == ValueModel.kind_word:
            return ValueModel.objects.select_related("customer").get(public_id=UUID(public_id))
    except (ValueError, ValueModel.DoesNotExist):
        pass
    raise SubjectGone(f"{subject} is not a model any more.")


def _model_hash(subject: str) -> str:
    """Of the newest version's document, computed anew."""
    model = _model(subject)
    return content_hash(document_of(model.versions.get(number=model.head_number)))


def _summary(model: ValueModel, version: ModelVersion, finding: Finding, reason: str) -> dict[str, Any]:
    return {
        "title": f"Let “{finding.row}” pass the conservative gate",
        "kind": "Exemption from a rule",
        "customer": model.customer.name,
        "version": f"model version {version.number}",
        "description": reason,
        "href": f"/customers/{model.customer.public_id}/model/#gate",
        "violations": [{"title": finding.message, "explanation": finding.write, "severity": "warned"}],
        "facts": {
            "Rule": finding.rule,
            "Row": finding.row,
            "It has": _plain(finding.found, finding.unit),
            "Limit": _plain(finding.allowed, finding.unit),
            "Let pass beyond the limit by": _plain(finding.by, finding.unit),
        },
    }


def _plain(value: Any, unit: str) -> str:
    return f"{value.normalize():f} {unit}".strip()


def _nothing_to_show(subject: str, _arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    raise LookupError(f"{subject}: which row is to pass which rule is known only to who asks. Open it with gate_exemption_give.")


GATE_EXEMPT_ACTION = ApprovableAction(
    key=GATE_EXEMPT,
    title="Let a row pass the conservative gate",
    current_hash=_model_hash,
    summary=_nothing_to_show,
    default_chain=Chain(stages=(Stage(title="Approver", role=Role.APPROVER),)),
    apply=exemption_apply,
    revert=exemption_revert,
    # It loosens what stands between a model and the customer, who reads the exemption in the case. Its money nobody can say.
    risk=lambda _subject, _arguments: Risk(irreversible=False, audience=Audience.CUSTOMER),
    only_by_policy=True,
)
