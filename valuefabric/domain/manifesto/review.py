"""Reviewing a case: every rule gives a result, passed or not, with what it found and how to mend it."""

from pydantic import BaseModel, ConfigDict

from valuefabric.domain.manifesto import checks
from valuefabric.domain.manifesto.case import CaseUnderReview
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rule_set import RULE_SET
from valuefabric.domain.manifesto.rules import CHECKS, Rule, RuleError, RuleSet, Severity, Status

__all__ = ["Review", "RuleResult", "checks", "review_case"]

_HELD = "The rule holds."


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleResult(_Frozen):
    """One rule's result; a rule with three violations gives three. `cells` are what the explanation is about."""

    principle: int
    key: str
    title: str
    status: Status
    severity: Severity
    explanation: str
    cells: tuple[str, ...] = ()
    mend: Mend | None = None


class Review(_Frozen):
    """All results of one case under one rule set. A case passes when no rule failed; warnings are shown and do not stop it."""

    content_hash: str
    rule_set_version: str
    rule_set_hash: str
    results: tuple[RuleResult, ...]

    @property
    def passed(self) -> bool:
        """Whether the case may be stamped."""
        return all(result.status != "failed" for result in self.results)

    @property
    def violations(self) -> tuple[RuleResult, ...]:
        """The results that failed, most severe first."""
        order = ("critical", "major", "minor")
        return tuple(sorted((r for r in self.results if r.status == "failed"), key=lambda result: order.index(result.severity)))

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """The results that a reader should know of."""
        return tuple(result for result in self.results if result.status == "warned")


def review_case(case: CaseUnderReview, rule_set: RuleSet = RULE_SET) -> Review:
    """Hold a case against a rule set; the same case and rules give the same review. Raises RuleError for an unknown rule."""
    results = tuple(result for rule in rule_set.rules for result in _results(rule, case))
    return Review(
        content_hash=case.content_hash,
        rule_set_version=rule_set.version,
        rule_set_hash=rule_set.hash,
        results=results,
    )


def _results(rule: Rule, case: CaseUnderReview) -> list[RuleResult]:
    if rule.key not in CHECKS:
        raise RuleError(f"the rule {rule.key} has no check in this version; remove it from the rule set or update the product")
    found = [
        RuleResult(
            principle=rule.principle,
            key=rule.key,
            title=rule.title,
            status="warned" if violation.warning else "failed",
            severity=rule.severity,
            explanation=violation.explanation,
            cells=violation.cells,
            mend=violation.mend,
        )
        for violation in CHECKS[rule.key](case, rule.parameters)
    ]
    held = RuleResult(
        principle=rule.principle, key=rule.key, title=rule.title, status="passed", severity=rule.severity, explanation=_HELD
    )
    return found or [held]
