"""Holding several estimates of one figure against each other. Code decides whether they agree; nobody averages away a dispute."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun, StepTerminal

_ARBITER = "arbiter"


def weighted_median(votes: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """The lower weighted median of (value, weight) pairs: the smallest value with at least half of the weight up to it."""
    ordered = sorted(votes)
    half = sum((weight for _, weight in ordered), Decimal(0)) / 2
    reached = Decimal(0)
    for value, weight in ordered:
        reached += weight
        if reached >= half:
            return value
    raise ValueError("There is no median of no votes.")


def agreement(votes: Mapping[str, Any], *, tolerance: Decimal, least: int) -> dict[str, Any]:
    """The median of what voters know, and whether every vote lies within ``tolerance`` (a share) of it.

    Figures travel as text, so that they stay exact. Raises StepTerminal where fewer than ``least`` voters know anything.
    """
    known = {name: vote for name, vote in votes.items() if isinstance(vote, Mapping) and vote.get("estimate") is not None}
    if len(known) < max(least, 1):
        raise StepTerminal(f"{len(known)} of {len(votes)} voters know an estimate, and {max(least, 1)} must.")
    figures = {name: (_figure(vote["estimate"], name), _figure(vote.get("weight", 1), name)) for name, vote in known.items()}
    median = weighted_median(list(figures.values()))
    spread = max(abs(value - median) for value, _ in figures.values())
    agreed = spread <= tolerance * abs(median)
    shown = [
        {
            "voter": name,
            "estimate": str(figures[name][0]),
            "weight": str(figures[name][1]),
            "source": known[name].get("source", ""),
        }
        for name in known
    ]
    return {
        "agreed": agreed,
        "estimate": str(median),
        "spread": str(spread),
        "votes": shown,
        "silent": sorted(set(votes) - set(known)),
        "arbiters": [] if agreed else [_ARBITER],
    }


def _figure(value: Any, name: str) -> Decimal:
    try:
        figure = Decimal(str(value))
    except InvalidOperation as error:
        raise StepTerminal(f"{name} gave {value!r}, which is no number.") from error
    if not figure.is_finite():
        raise StepTerminal(f"{name} gave {value!r}, which is no finite number.")
    return figure


def _agree(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    given = run.inputs
    return agreement(given["votes"], tolerance=Decimal(str(given["tolerance"])), least=int(given["least"]))


def _settle(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    found, decided = run.inputs["agreement"], [item for item in run.inputs["arbitration"] if item]
    kept = {name: found[name] for name in ("votes", "spread", "silent", "agreed")}
    if found["agreed"]:
        return kept | {"estimate": found["estimate"], "by": "median"}
    return kept | {"estimate": str(_figure(decided[0].get("estimate"), _ARBITER)), "by": decided[0].get("by", _ARBITER)}


def _ask_a_person(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    said = ", ".join(f"{vote['voter']} {vote['estimate']}" for vote in run.inputs["votes"])
    raise StepTerminal(
        f"The estimates differ by {run.inputs['spread']}: {said}. Skip this step with an output such as estimate: 0.2."
    )


FUNCTIONS = (
    StepFunction("consensus.agree", commit=_agree),
    StepFunction("consensus.settle", commit=_settle),
    StepFunction("consensus.ask_a_person", commit=_ask_a_person),
)
