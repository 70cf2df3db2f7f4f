"""The value manifesto: twelve principles as typed rules over a business case."""

from valuefabric.domain.manifesto.case import (
    STAGES,
    STANDARD_SECTIONS,
    AiLabel,
    CaseUnderReview,
    FabricKpi,
    GateExemption,
    NarrativeFigure,
    PlanEntry,
    Stakeholder,
)
from valuefabric.domain.manifesto.cells import Cell, CellError, resolve_cell
from valuefabric.domain.manifesto.checks.conservative import exemption_for, gate_policy
from valuefabric.domain.manifesto.mends import Mend, MendError, apply_mend
from valuefabric.domain.manifesto.review import Review, RuleResult, review_case
from valuefabric.domain.manifesto.rule_set import RULE_SET
from valuefabric.domain.manifesto.rules import Rule, RuleError, RuleSet
from valuefabric.domain.manifesto.written import WrittenNumber, written_numbers

__all__ = [
    "RULE_SET",
    "STAGES",
    "STANDARD_SECTIONS",
    "AiLabel",
    "CaseUnderReview",
    "Cell",
    "CellError",
    "FabricKpi",
    "GateExemption",
    "Mend",
    "MendError",
    "NarrativeFigure",
    "PlanEntry",
    "Review",
    "Rule",
    "RuleError",
    "RuleResult",
    "RuleSet",
    "Stakeholder",
    "WrittenNumber",
    "apply_mend",
    "exemption_for",
    "gate_policy",
    "resolve_cell",
    "review_case",
    "written_numbers",
]
