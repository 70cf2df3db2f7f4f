"""Ours against the next-best alternative: what the difference is worth to the customer.

In the words of economic value to the customer (Forbis and Mehta, 1981): the **reference value** is what the alternative costs,
the **differential value** is what ours brings more than it, both at present value. Together they are the **economic value**, the
most that ours may cost before the customer is better off with the alternative; what is left after its cost is the **surplus**.
"""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.finance.measures import Measures
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.model.computation import Computation, Scenario
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.keys import found
from valuefabric.domain.model.scenarios import alternative_document


@dataclass(frozen=True, slots=True)
class DriverDifference:
    """A driver's present value in ours and in the alternative."""

    key: str
    label: str
    ours: Decimal
    theirs: Decimal

    @property
    def difference(self) -> Decimal:
        """What ours brings more."""
        return ENGINE.subtract(self.ours, self.theirs)


@dataclass(frozen=True, slots=True)
class AgainstAlternative:
    """Present values in the model's currency. ``surplus`` is also our net present value less the alternative's."""

    key: str
    label: str
    ours: Measures
    theirs: Measures
    reference_value: Decimal
    differential_value: Decimal
    economic_value: Decimal
    surplus: Decimal
    net_difference: tuple[Decimal, ...]
    drivers: tuple[DriverDifference, ...]


def against_alternative(document: ModelDocument, key: str, *, scenario: Scenario = "base") -> AgainstAlternative:
    """The comparison with the alternative of that key. Raises KeyError, and as ``compute`` does.

    A scenario that is an end of the ranges is taken on both sides; one of the document's own changes ours alone.
    """
    other = alternative_document(document, key)
    ours = compute(document, scenario=scenario)
    theirs = compute(other, scenario=scenario if scenario in _OF_BOTH else "base")
    return _compared(found("alternative", key, document.alternatives).label, key, ours, theirs)


_OF_BOTH = frozenset({"low", "base", "high", "conservative", "expected", "best"})


def _compared(label: str, key: str, ours: Computation, theirs: Computation) -> AgainstAlternative:
    reference = theirs.measures.pv_costs
    differential = ENGINE.subtract(ours.measures.pv_benefits, theirs.measures.pv_benefits)
    economic = ENGINE.add(reference, differential)
    return AgainstAlternative(
        key=key,
        label=label,
        ours=ours.measures,
        theirs=theirs.measures,
        reference_value=reference,
        differential_value=differential,
        economic_value=economic,
        surplus=ENGINE.subtract(economic, ours.measures.pv_costs),
        net_difference=tuple(ENGINE.subtract(one, other) for one, other in zip(ours.net, theirs.net, strict=True)),
        drivers=tuple(
            DriverDifference(one.key, one.label, one.pv, other.pv)
            for one, other in zip(ours.drivers, theirs.drivers, strict=True)
        ),
    )
