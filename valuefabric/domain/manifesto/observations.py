"""The middle of the evidence: what a row's evidence says is likely, against which its base is held.

The middle is the figure that the evidence states in a sentence, with its unit: a measurement, or the customer's own word. Where
no sentence states one, it is the middle of the row's range. A cell of a sheet is no observation: it is where the proposal itself
was written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.discovery.quantities import Quantity, quantities
from valuefabric.domain.manifesto.lineage import ancestors, counted_benefits
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.adjustment import risk_adjustments


@dataclass(frozen=True, slots=True)
class Held:
    """One period of an input held against its evidence, in the model's scale; `favourable` is above 0 where base exceeds it."""

    period: str
    base: Decimal
    observed: Decimal | None
    midpoint: Decimal | None
    lower_is_better: bool

    def exceeds(self, middle: Decimal) -> bool:
        """Whether the base is more favourable than a middle."""
        return self.base < middle if self.lower_is_better else self.base > middle


def hold_against_evidence(row: Row, document: ModelDocument) -> list[Held]:
    """Each period's base beside the observed figure and the range's midpoint."""
    observed = observed_figures(row)
    lower_is_better = (row.better or ("lower" if row.role == "cost" else "higher")) == "lower"
    held = []
    for index, period in enumerate(document.periods):
        base = (row.values or ())[index]
        held.append(Held(period, base, _observation(base, observed, lower_is_better), _midpoint(row, index), lower_is_better))
    return held


def observed_figures(row: Row) -> list[Decimal]:
    """The figures of the row's unit that its quotation states in words, in the model's scale. Not those of a sheet's line, whose
    cells stand apart by tabs: it is where the proposal was written down."""
    if row.source is None or row.source.kind not in {"evidence", "published"} or "\t" in row.source.quotation:
        return []
    return [scaled(quantity) for quantity in quantities(row.source.quotation) if same_unit(quantity, row.unit)]


def scaled(quantity: Quantity) -> Decimal:
    """A quantity as the model would hold it: percents as fractions."""
    return quantity.value / 100 if quantity.unit == "percent" else quantity.value


def same_unit(quantity: Quantity, unit: str) -> bool:
    """Whether a written unit is the row's, a rate over a year included."""
    return quantity.unit == unit or (quantity.is_money and quantity.unit == f"{unit}/year")


def risk_adjusted(row: Row, document: ModelDocument) -> bool:
    """Whether every counted benefit that is made of a row is adjusted for risk, by its own share or by one in its formulas."""
    benefits = [
        benefit for benefit in counted_benefits(document) if row.key == benefit.key or row.key in ancestors(document, benefit.key)
    ]
    adjusted = risk_adjustments(document)
    return bool(benefits) and all(adjusted[benefit.key] for benefit in benefits)


def quotation_holds(row: Row, evidence: Mapping[str, str]) -> bool:
    """Whether the quotation stands in the evidence exactly where the source says."""
    source = row.source
    if source is None or source.reference not in evidence or not source.quotation.strip():
        return False
    text = evidence[source.reference]
    if source.start is None or source.end is None:
        return source.quotation in text
    return text[source.start : source.end] == source.quotation


def _observation(base: Decimal, observed: list[Decimal], lower_is_better: bool) -> Decimal | None:
    """The observed figure that the base may claim: itself where it is quoted, else the most favourable one quoted."""
    if not observed:
        return None
    return base if base in observed else (min if lower_is_better else max)(observed)


def _midpoint(row: Row, index: int) -> Decimal | None:
    if row.low is None or row.high is None:
        return None
    return (row.low[index] + row.high[index]) / 2
