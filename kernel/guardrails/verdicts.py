"""What a guardrail answers: go on, stop, or ask a human."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Allow:
    """Nothing stands against it."""


@dataclass(frozen=True)
class NeedsApproval:
    """Only a human may let this through; the caller opens the request (the kernel does not know approvals)."""

    reason: str


@dataclass(frozen=True)
class Refuse:
    """It must not happen, and no approval changes that."""

    reason: str


type Verdict = Allow | NeedsApproval | Refuse

_STRICTNESS: dict[type, int] = {Allow: 0, NeedsApproval: 1, Refuse: 2}


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that counts when several checks spoke: refusal before approval before allowance, the first of equals."""
    result: Verdict = Allow()
    for verdict in verdicts:
        if _STRICTNESS[type(verdict)] > _STRICTNESS[type(result)]:
            result = verdict
    return result
