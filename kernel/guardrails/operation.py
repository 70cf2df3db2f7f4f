"""Operational limits: how many steps, tokens and seconds one run may take."""

from dataclasses import dataclass

from kernel.guardrails.verdicts import Allow, Refuse, Verdict


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one run; None means not bounded here."""

    steps: int | None = None
    tokens: int | None = None
    seconds: int | None = None


@dataclass(frozen=True)
class Usage:
    """What a run has used so far."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0


def within_limits(usage: Usage, limits: Limits) -> Verdict:
    """Allow while every used amount is at or below its limit; the refusal names the limit that was passed."""
    for name in ("steps", "tokens", "seconds"):
        used, limit = getattr(usage, name), getattr(limits, name)
        if limit is not None and used > limit:
            return Refuse(f"The run may take {limit} {name} and has taken {used:.0f}. Raise the limit or give it less to do.")
    return Allow()
