"""The conservative gate for a workspace's model: the limits in force, what is found, and what somebody has exempted."""

from dataclasses import dataclass

from valuefabric.domain.manifesto import GateExemption as Exempted
from valuefabric.domain.manifesto import exemption_for, gate_policy
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.gate import STANDARD, Finding, GatePolicy, conservative_gate
from valuefabric.governance.selectors import rule_set_active
from valuefabric.models import BusinessCase, GateExemption, ValueModel


@dataclass(frozen=True)
class Held:
    """One finding, and the exemption that lets it pass, if any."""

    finding: Finding
    exemption: GateExemption | None


@dataclass(frozen=True)
class Gate:
    """A model held to the gate. ``rule_set`` is where the limits stand; ``enforced`` is false for a rule set from before it."""

    policy: GatePolicy
    rule_set: str
    enforced: bool
    held: tuple[Held, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing stands in the way."""
        return all(one.exemption is not None for one in self.held)


def gate_of(model: ValueModel | None, document: ModelDocument) -> Gate:
    """What the gate says of a document (saved or not) by the active rule set's limits, with the model's exemptions."""
    rule_set = rule_set_active()
    policy = gate_policy(rule_set)
    standing = exemptions_standing(model) if model is not None else []
    findings = conservative_gate(document, policy=policy or STANDARD)
    return Gate(policy or STANDARD, rule_set.version, policy is not None, tuple(_held(one, standing) for one in findings))


def exemptions_standing(model: ValueModel) -> list[GateExemption]:
    """The exemptions of a model that were not withdrawn, in the order in which they were given."""
    return list(model.gate_exemptions.filter(withdrawn_at=None).order_by("id"))


def exempted(row: GateExemption) -> Exempted:
    """A stored exemption as the rules know it."""
    return Exempted.model_validate(
        {
            "rule": row.rule,
            "row": row.row,
            "up_to": row.up_to,
            "reason": row.reason,
            "by": row.by_name,
            "on": row.created_at.date().isoformat(),
        }
    )


def exemptions_told(case: BusinessCase, content_hash: str) -> tuple[str, ...]:
    """What the newest review of that content let pass by exemption, in sentences; they stand in the case wherever it is shown."""
    review = case.reviews.filter(content_hash=content_hash).order_by("-id").first()
    results = review.results if review else []
    return tuple(one["explanation"] for one in results if one["key"] == "conservative_gate" and one["status"] == "warned")


def _held(finding: Finding, standing: list[GateExemption]) -> Held:
    return Held(finding, next((row for row in standing if exemption_for(finding, (exempted(row),))), None))
