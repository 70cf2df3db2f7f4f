"""The events that the value fabric emits, and their payloads. Ids are public ids; ``content_hash`` is ``sha256:<hex>``."""

from typing import Literal

from kernel.events.topics import Payload, register_topic


class CustomerCreated(Payload):
    """A customer was added."""

    customer: str


class CustomerUpdated(Payload):
    """A customer's own fields changed; ``fields`` names them."""

    customer: str
    fields: list[str]


class CustomerStageMoved(Payload):
    """A customer went on to another stage, or back to one by compensation."""

    customer: str
    before: str
    after: str


class EvidenceAdded(Payload):
    """A document was stored."""

    customer: str
    evidence: str
    sha256: str
    kind: str
    size: int


class OpportunityCreated(Payload):
    """Value hypotheses were recorded."""

    customer: str
    opportunity: str
    hypotheses: int
    method: str


class OpportunityWithdrawn(Payload):
    """An opportunity was taken back."""

    customer: str
    opportunity: str
    reason: str


class HypothesisDecided(Payload):
    """A person decided on a hypothesis; ``reopened`` takes the decision back."""

    customer: str
    opportunity: str
    hypothesis: str
    decision: Literal["accepted", "edited", "refused", "reopened"]


class TreeRecorded(Payload):
    """Nodes of a value tree were made, changed or withdrawn."""

    customer: str
    made: int
    changed: int
    withdrawn: int


class ModelSaved(Payload):
    """A model has a new version, or was withdrawn at one."""

    customer: str
    model: str
    version: int
    content_hash: str


class BranchChanged(Payload):
    """A branch of a model was made, has a new version, or was closed; ``version`` is its head."""

    customer: str
    model: str
    branch: str
    version: int
    content_hash: str


class BranchMerged(Payload):
    """The versions of one line came to another one: of the branch to the main line, or the other way round."""

    customer: str
    model: str
    branch: str
    into: Literal["main", "branch"]
    merged_version: int
    version: int
    content_hash: str


class CommentChanged(Payload):
    """Somebody said something about a model, or took it up; what was said stays in the workspace. ``thread``: set for a reply."""

    customer: str
    model: str
    comment: str
    thread: str
    row: str
    period: str


class GateExempted(Payload):
    """Somebody let a row of a model pass a rule of the conservative gate, or took that back; the reason is in the audit log."""

    customer: str
    model: str
    exemption: str
    rule: str
    row: str


class ModelImported(Payload):
    """A file became a version of a model; ``report`` is the blob that says how, ``differing`` how many saved figures differ."""

    customer: str
    model: str
    version: int
    evidence: str
    report: str
    compared: int
    differing: int


class TargetDefined(Payload):
    """A business case was drafted, or changed: what is aimed at is now this content."""

    customer: str
    case: str
    version: int
    content_hash: str
    model: str
    model_version: int


class CaseStamped(Payload):
    """A case passed the manifesto's rules."""

    customer: str
    case: str
    content_hash: str
    rule_set_hash: str


class ViolationDetected(Payload):
    """A case was quarantined; ``violations`` are the keys of the rules it breaks."""

    customer: str
    case: str
    content_hash: str
    rule_set_hash: str
    violations: list[str]


class CaseWithdrawn(Payload):
    """A case was taken back."""

    customer: str
    case: str
    reason: str


class CaseCommitted(Payload):
    """An approved case became a commitment."""

    customer: str
    case: str
    commitment: str
    content_hash: str


class CommitmentReversed(Payload):
    """A commitment was taken back."""

    customer: str
    case: str
    commitment: str
    reason: str


class CaseLinkChanged(Payload):
    """A link to a case was made, opened or revoked."""

    customer: str
    case: str
    link: str


class CaseExported(Payload):
    """A file was made from a case."""

    customer: str
    case: str
    export: str
    kind: str
    blob: str


class TelemetryIngested(Payload):
    """Measurements arrived; ``repeated`` ones were there already."""

    customer: str
    added: int
    repeated: int
    synthetic: bool


class RealizationUpdated(Payload):
    """A commitment was held against telemetry."""

    customer: str
    commitment: str
    report: str
    as_of: str
    content_hash: str


class ExpansionTriggered(Payload):
    """Gaps led to a proposal."""

    customer: str
    proposal: str
    gaps: int
    content_hash: str


class ExpansionDecided(Payload):
    """A proposal was accepted, refused or withdrawn."""

    customer: str
    proposal: str
    decision: Literal["accepted", "refused", "withdrawn"]


_TOPICS: dict[str, type[Payload]] = {
    "value.customer.created": CustomerCreated,
    "value.customer.updated": CustomerUpdated,
    "value.customer.stage_moved": CustomerStageMoved,
    "value.evidence.added": EvidenceAdded,
    "value.opportunity.created": OpportunityCreated,
    "value.opportunity.withdrawn": OpportunityWithdrawn,
    "value.hypothesis.decided": HypothesisDecided,
    "value.tree.recorded": TreeRecorded,
    "value.model.saved": ModelSaved,
    "value.model.withdrawn": ModelSaved,
    "value.model.imported": ModelImported,
    "value.branch.created": BranchChanged,
    "value.branch.saved": BranchChanged,
    "value.branch.closed": BranchChanged,
    "value.branch.merged": BranchMerged,
    "value.gate.exempted": GateExempted,
    "value.gate.exemption_withdrawn": GateExempted,
    "value.comment.added": CommentChanged,
    "value.comment.edited": CommentChanged,
    "value.comment.resolved": CommentChanged,
    "value.comment.reopened": CommentChanged,
    "value.target.defined": TargetDefined,
    "value.case.stamped": CaseStamped,
    "manifesto.violation.detected": ViolationDetected,
    "value.case.withdrawn": CaseWithdrawn,
    "value.case.committed": CaseCommitted,
    "value.commitment.reversed": CommitmentReversed,
    "value.case.shared": CaseLinkChanged,
    "value.case.opened": CaseLinkChanged,
    "value.case.link_revoked": CaseLinkChanged,
    "value.case.exported": CaseExported,
    "value.telemetry.ingested": TelemetryIngested,
    "value.realization.updated": RealizationUpdated,
    "value.expansion.triggered": ExpansionTriggered,
    "value.expansion.decided": ExpansionDecided,
}


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    for topic, payload in _TOPICS.items():
        register_topic(topic, payload)
