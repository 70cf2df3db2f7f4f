"""Principle 4 again, over the whole model: the conservative gate, with the exemptions that somebody answers for."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any

from valuefabric.domain.manifesto.case import CaseUnderReview, GateExemption
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import RuleError, RuleSet, Violation, check

# The module and not its names: the gate is built on this package's notions, so either of the two may be imported first.
from valuefabric.domain.model import gate

_ELSEWHERE = "base_above_middle"  # the rule base_within_evidence judges it, with the evidence at hand


@check("conservative_gate")
def conservative_gate(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Nothing that the gate finds beyond the rule set's limits, unless the workspace has exempted that row from that rule."""
    for finding in gate.conservative_gate(case.document, policy=policy_of(parameters)):
        if finding.rule == _ELSEWHERE:
            continue
        exemption = exemption_for(finding, case.exemptions)
        beyond = (
            f"{_sentence(finding.message)} ({finding.rule}, beyond the limit by {gate.figure_words(finding.by, finding.unit)})."
        )
        if exemption is not None:
            beyond += f" Exempted by {exemption.by} on {exemption.on}: {exemption.reason}"
        yield Violation(beyond, _cells(finding), _mend(finding, case), warning=exemption is not None)


def gate_policy(rule_set: RuleSet) -> "gate.GatePolicy | None":
    """The gate's limits in a rule set, which are the policy on record; None for one from before the gate. Raises RuleError."""
    parameters = next((rule.parameters for rule in rule_set.rules if rule.key == "conservative_gate"), None)
    return None if parameters is None else policy_of(parameters)


def policy_of(parameters: Mapping[str, Any]) -> "gate.GatePolicy":
    """The limits of a rule set; those that it does not name are the product's. Raises RuleError for what is no limit."""
    known = [field.name for field in fields(gate.GatePolicy)]
    if unknown := sorted(set(parameters) - set(known)):
        raise RuleError(f"conservative_gate: there is no limit {unknown[0]!r}; there are {', '.join(known)}")
    try:
        return gate.GatePolicy(**{name: Decimal(str(value)) for name, value in parameters.items()})
    except (InvalidOperation, ValueError) as error:
        raise RuleError(f"conservative_gate: a limit is a share from 0 to 1, written like 0.05 ({error})") from error


def exemption_for(finding: "gate.Finding", exemptions: tuple[GateExemption, ...]) -> GateExemption | None:
    """The exemption that covers a finding: of its rule and row, and not for less than is found by now."""
    for exemption in exemptions:
        if (exemption.rule, exemption.row) == (finding.rule, finding.row) and finding.by <= exemption.up_to:
            return exemption
    return None


def _cells(finding: "gate.Finding") -> tuple[str, ...]:
    if not finding.row:
        return ()
    return (f"{finding.row}.{finding.period}" if finding.period else finding.row,)


def _mend(finding: "gate.Finding", case: CaseUnderReview) -> Mend | None:
    if not finding.row:
        return None
    field = {"risk_adjustment": "risk_adjustment", "phase_in": "phase_in", "rests_on_one": "confidence"}.get(finding.rule)
    reason = "The case is careful, by the rule set's limits"
    if finding.rule == "risk_adjustment" and case.document.row(finding.row).risk_adjusted_by is None:
        before = case.document.row(finding.row).model_dump(mode="json")["risk_adjustment"]
        path = f"/document/rows/{finding.row}/risk_adjustment"
        return Mend(operation="replace", path=path, before=before, after=f"{finding.allowed:f}", reason=reason)
    path = f"/document/rows/{finding.row}/{field or finding.rule.removeprefix('unsourced_')}"
    return Mend(operation="replace", path=path, reason=reason, needs=finding.write)


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
