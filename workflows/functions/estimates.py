"""Taking a pack apart into what is to be estimated, and putting the estimates of several methods together again."""

from collections.abc import Mapping
from typing import Any

from agents.customer import customer_of, discovered, pack_of
from agents.estimates import from_benchmark, from_evidence, from_experience, measured_elsewhere
from valuefabric.domain.discovery import Discovery
from valuefabric.domain.packs import Pack
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun


def pack_parts(pack: Pack) -> list[dict[str, Any]]:
    """The pack's counted drivers, each with the inputs that only it needs first: an input is estimated once."""
    seen: set[str] = set()
    parts = []
    for driver in pack.drivers:
        own = [row.input for row in driver.rows if row.input and row.input not in seen]
        seen.update(own)
        if driver.counted and own:
            parts.append({"driver": driver.key, "label": driver.label, "inputs": list(dict.fromkeys(own))})
    return parts


def _parts(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return {"parts": pack_parts(pack_of(run.inputs))}


def _summary(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    estimates = {part["input"]: part for driver in run.inputs["results"] for part in driver["estimates"]}
    disputed = sorted(name for name, found in estimates.items() if not found["agreed"])
    return {"estimates": estimates, "disputed": disputed, "count": len(estimates)}


def _driver(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    part, results = run.inputs["item"], run.inputs["results"]
    return {
        "driver": part["driver"],
        "estimates": [{"input": name, **found} for name, found in zip(part["inputs"], results, strict=True)],
    }


def _prefer_evidence(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    """Where methods differ, the customer's own documents count, then what was measured elsewhere, then the benchmark."""
    votes = {vote["voter"]: vote for vote in run.inputs["votes"]}
    chosen = next(votes[name] for name in ("evidence", "experience", "benchmark") if name in votes)
    return {"estimate": chosen["estimate"], "by": chosen["voter"]}


# The voters of driver_estimates 1.0.0, which were functions before they were agents: its runs under way go on with them.
def _discover(run: StepRun) -> Discovery:
    return discovered(customer_of(run.actor, run.inputs), pack_of(run.inputs))


def _evidence(run: StepRun, prepared: Any) -> Mapping[str, Any]:
    return dict(from_evidence(prepared, run.inputs["input"]))


def _benchmark(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return dict(from_benchmark(pack_of(run.inputs), run.inputs["input"]))


def _experience(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return dict(from_experience(measured_elsewhere(run.actor, run.inputs["customer"], run.inputs["input"])))


FUNCTIONS = (
    StepFunction("estimates.drivers", commit=_parts),
    StepFunction("estimates.evidence", prepare=_discover, commit=_evidence),
    StepFunction("estimates.benchmark", commit=_benchmark),
    StepFunction("estimates.experience", commit=_experience),
    StepFunction("estimates.prefer_evidence", commit=_prefer_evidence),
    StepFunction("estimates.of_driver", commit=_driver),
    StepFunction("estimates.summary", commit=_summary),
)
