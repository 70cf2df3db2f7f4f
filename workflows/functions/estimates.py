"""What is known about a driver's assumption, by three methods that do not know of each other: evidence, benchmarks, experience.

Values are in the model's scale (a percent is a fraction). A method that knows nothing says so and is no vote.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from agents.customer import customer_of, discovered, pack_of
from valuefabric.domain.discovery import Discovery
from valuefabric.domain.packs import Pack
from valuefabric.models import RealizationReport
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.realization import result_of
from workflows.steps.functions import StepFunction
from workflows.steps.protocol import StepRun

_WEIGHTS = {"high": "3", "medium": "2", "low": "1"}
_NOTHING: dict[str, Any] = {"estimate": None}
_PERCENT = Decimal(100)


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


def from_evidence(found: Discovery, name: str) -> dict[str, Any]:
    """The first period's value that the documents give, weighted by how sure they are."""
    assumption = found.assumption(name)
    if assumption is None:
        return _NOTHING
    source = f"evidence {assumption.source.reference}: {assumption.source.quoted}"
    return {"estimate": str(assumption.values[0]), "weight": _WEIGHTS[assumption.confidence], "source": source}


def from_benchmark(pack: Pack, name: str) -> dict[str, Any]:
    """The benchmark's median. One that is illustrative is told as such and weighs least."""
    benchmark = next((each for each in pack.benchmarks if each.kpi == name), None)
    if benchmark is None:
        return _NOTHING
    value = benchmark.median / _PERCENT if benchmark.unit == "percent" else benchmark.median
    return {"estimate": str(value), "weight": "0.5" if benchmark.demo else "1", "source": f"benchmark: {benchmark.citation}"}


def from_experience(actuals: Sequence[Decimal]) -> dict[str, Any]:
    """The median of what other customers' telemetry measured; two of them weigh as much as a sure document."""
    if not actuals:
        return _NOTHING
    return {
        "estimate": str(median(actuals)),
        "weight": str(min(len(actuals), 3)),
        "source": f"measured at {len(actuals)} other customers",
    }


def _parts(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return {"parts": pack_parts(pack_of(run.inputs))}


def _evidence(run: StepRun, prepared: Any) -> Mapping[str, Any]:
    return from_evidence(prepared, run.inputs["input"])


def _discover(run: StepRun) -> Discovery:
    return discovered(customer_of(run.actor, run.inputs), pack_of(run.inputs))


def _benchmark(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return from_benchmark(pack_of(run.inputs), run.inputs["input"])


def _experience(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    return from_experience(measured(run, run.inputs["input"]))


def measured(run: StepRun, name: str) -> list[Decimal]:
    """What the newest report of each other customer that the actor may see measured of an input."""
    others = customers_visible_to(run.actor).exclude(public_id=run.inputs["customer"])
    newest = RealizationReport.objects.filter(customer__in=others).order_by("customer", "-id").distinct("customer")
    found = (_actual(report, name) for report in newest.select_related("commitment"))
    return [value for value in found if value is not None]


def _actual(report: RealizationReport, name: str) -> Decimal | None:
    """The mean of the last three measured months, as the report has it."""
    return next((line.recent for line in result_of(report).assumptions if line.kpi == name), None)


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


FUNCTIONS = (
    StepFunction("estimates.drivers", commit=_parts),
    StepFunction("estimates.evidence", prepare=_discover, commit=_evidence),
    StepFunction("estimates.benchmark", commit=_benchmark),
    StepFunction("estimates.experience", commit=_experience),
    StepFunction("estimates.prefer_evidence", commit=_prefer_evidence),
    StepFunction("estimates.of_driver", commit=_driver),
    StepFunction("estimates.summary", commit=_summary),
)
