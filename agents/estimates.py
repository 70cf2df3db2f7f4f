"""What is known about a driver's assumption, by three methods that do not know of each other: evidence, benchmarks, experience.

Values are in the model's scale (a percent is a fraction). A method that knows nothing says so and is no vote.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import TypedDict

from tenants.actors import Actor
from valuefabric.domain.discovery import Discovery
from valuefabric.domain.packs import Pack
from valuefabric.domain.packs.schema import Benchmark
from valuefabric.models import RealizationReport
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.realization import result_of

_WEIGHTS = {"high": "3", "medium": "2", "low": "1"}
_PERCENT = Decimal(100)


class Vote(TypedDict, total=False):
    """One method's estimate with its weight and source; figures as text, so that they stay exact. None is no vote."""

    estimate: str | None
    weight: str
    source: str


NOTHING = Vote(estimate=None)


def from_evidence(found: Discovery, name: str, titles: Mapping[str, str] | None = None) -> Vote:
    """The first period's value that the documents give, weighted by how sure they are; ``titles`` are documents' by reference."""
    assumption = found.assumption(name)
    if assumption is None:
        return NOTHING
    source = f"{document_title(assumption.source.reference, titles)}: {assumption.source.quoted}"
    return Vote(estimate=str(assumption.values[0]), weight=_WEIGHTS[assumption.confidence], source=source)


def document_title(reference: str, titles: Mapping[str, str] | None) -> str:
    """What people call the document."""
    return (titles or {}).get(reference, f"evidence {reference}")


def benchmark_of(pack: Pack, name: str) -> Benchmark | None:
    """The pack's benchmark of an input, if it has one."""
    return next((each for each in pack.benchmarks if each.kpi == name), None)


def from_benchmark(pack: Pack, name: str) -> Vote:
    """The benchmark's median. One that is illustrative is told as such and weighs least."""
    benchmark = benchmark_of(pack, name)
    if benchmark is None:
        return NOTHING
    value = benchmark.median / _PERCENT if benchmark.unit == "percent" else benchmark.median
    return Vote(estimate=str(value), weight="0.5" if benchmark.demo else "1", source=f"benchmark: {benchmark.citation}")


def from_experience(actuals: Sequence[Decimal]) -> Vote:
    """The median of what other customers' telemetry measured; two of them weigh as much as a document that is fairly sure."""
    if not actuals:
        return NOTHING
    source = f"measured at {len(actuals)} other customer{'s' if len(actuals) > 1 else ''}"
    return Vote(estimate=str(median(actuals)), weight=str(min(len(actuals), 3)), source=source)


def measured_elsewhere(actor: Actor, customer: str, name: str) -> list[Decimal]:
    """What the newest report of each other customer that the actor may see measured of an input."""
    others = customers_visible_to(actor).exclude(public_id=customer)
    newest = RealizationReport.objects.filter(customer__in=others).order_by("customer", "-id").distinct("customer")
    found = (_actual(report, name) for report in newest.select_related("commitment"))
    return [value for value in found if value is not None]


def _actual(report: RealizationReport, name: str) -> Decimal | None:
    """The mean of the last three measured months, as the report has it."""
    return next((line.recent for line in result_of(report).assumptions if line.kpi == name), None)
