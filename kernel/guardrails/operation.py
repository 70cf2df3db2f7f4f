"""Operational limits: how many steps, tool calls, tokens and seconds one run may take, and how many others it may start."""

from dataclasses import dataclass

from kernel.guardrails.verdicts import Allow, Refuse, Verdict


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one run; None means not bounded here.

    ``depth`` bounds how many generations of processes it may start below itself, ``children`` how many of its own live at once.
    """

    steps: int | None = None
    tokens: int | None = None
    seconds: int | None = None
    tool_calls: int | None = None
    depth: int | None = None
    children: int | None = None


@dataclass(frozen=True)
class Usage:
    """What a run has used so far."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    tool_calls: int = 0


_COUNTED = {"steps": "steps", "tokens": "tokens", "seconds": "seconds", "tool_calls": "tool calls"}


def within_limits(usage: Usage, limits: Limits) -> Verdict:
    """Allow while every used amount is at or below its limit; the refusal names the limit that was passed."""
    for name, words in _COUNTED.items():
        used, limit = getattr(usage, name), getattr(limits, name)
        if limit is not None and used > limit:
            return Refuse(f"The run may take {limit} {words} and has taken {used:.0f}. Raise the limit or give it less to do.")
    return Allow()
