"""Rules as data: what is checked, how severe it is, with which parameters; versioned and hashed as a set."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from valuefabric.domain.manifesto.case import CaseUnderReview
from valuefabric.domain.manifesto.mends import Mend

type Severity = Literal["critical", "major", "minor"]
type Status = Literal["passed", "warned", "failed"]


class RuleError(ValueError):
    """A rule set that cannot be used; the message names the rule."""


class Rule(BaseModel):
    """One rule: `key` names its check in code, `parameters` are its lists and limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    principle: int
    title: str
    severity: Severity
    parameters: Mapping[str, Any] = {}


class RuleSet(BaseModel):
    """All rules that a case is reviewed by. Its hash covers version, ids, principles, titles, severities and parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    rules: tuple[Rule, ...]

    @property
    def hash(self) -> str:
        """`sha256:` over canonical JSON: a changed word list is another rule set."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Violation:
    """What a check found: an explanation that cites cells or sections. A `warning` does not quarantine the case."""

    explanation: str
    cells: tuple[str, ...] = ()
    mend: Mend | None = None
    warning: bool = False


type Check = Callable[[CaseUnderReview, Mapping[str, Any]], Iterator[Violation]]

CHECKS: dict[str, Check] = {}


def check(key: str) -> Callable[[Check], Check]:
    """Register the check of a rule. A second check of the same key is a mistake in the code."""

    def register(function: Check) -> Check:
        if key in CHECKS:
            raise RuleError(f"the rule {key} has two checks; rename one")
        CHECKS[key] = function
        return function

    return register
