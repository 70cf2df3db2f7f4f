"""What the customer may do instead, in one answer: nothing, the same later, own it for the term, the next-best alternative."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas.arithmetic import round_half_away
from valuefabric.domain.model.alternatives import AgainstAlternative, against_alternative
from valuefabric.domain.model.computation import Scenario
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.ownership import CostOfOwnership, cost_of_ownership
from valuefabric.domain.model.waiting import CostOfDelay, CostOfDoingNothing, cost_of_delay, cost_of_doing_nothing

DELAY_MONTHS = 12
IMPACTS = {"revenue": "revenue not won", "cost": "costs not saved", "risk": "risks that stay", "": "of no driver"}


@dataclass(frozen=True, slots=True)
class Choices:
    """``delay_moves``: the term moves along; ``delay_fixed``: it ends when it ends. Money in ``currency``."""

    currency: str
    scenario: Scenario
    nothing: CostOfDoingNothing
    delay_moves: CostOfDelay
    delay_fixed: CostOfDelay
    ownership: CostOfOwnership
    alternatives: tuple[AgainstAlternative, ...]


def choices_of(document: ModelDocument, *, delay: int = DELAY_MONTHS, scenario: Scenario = "base") -> Choices:
    """All of it for a delay of so many months. Raises ValueError for a delay beyond reason, and as ``compute`` does."""
    return Choices(
        currency=document.currency,
        scenario=scenario,
        nothing=cost_of_doing_nothing(document, scenario=scenario),
        delay_moves=cost_of_delay(document, delay, term="moves", scenario=scenario),
        delay_fixed=cost_of_delay(document, delay, term="fixed", scenario=scenario),
        ownership=cost_of_ownership(document, scenario=scenario),
        alternatives=tuple(against_alternative(document, one.key, scenario=scenario) for one in document.alternatives),
    )


def choices_plain(choices: Choices) -> dict[str, Any]:
    """As JSON-ready values, decimals as text with all their digits."""
    plain: dict[str, Any] = _plain(asdict(choices))
    return plain


def choices_json(choices: Choices) -> str:
    """The same as text."""
    return json.dumps(choices_plain(choices), indent=2, ensure_ascii=False)


def choices_table(choices: Choices) -> str:
    """For people, in whole units of the currency."""
    months, nothing, own = choices.delay_moves.months, choices.nothing, choices.ownership
    lines = [
        ("cost of doing nothing, a month", nothing.a_month),
        ("  over the term", nothing.total),
        ("  at present value", nothing.pv),
        *((f"    {IMPACTS.get(impact, impact)}", pv) for impact, pv in nothing.impacts.items()),
        (f"cost of {months} months' delay", choices.delay_moves.cost),
        ("  if the end does not move", choices.delay_fixed.cost),
        ("total cost of ownership", own.total),
        ("  one-time", own.one_time),
        ("  recurring", own.recurring),
        ("  at present value", own.pv),
        *(line for one in choices.alternatives for line in _against(one)),
    ]
    shown = [(label, f"{round_half_away(figure, 0):,f}") for label, figure in lines]
    widths = max(len(label) for label, _ in shown), max(len(figure) for _, figure in shown)
    head = f"{choices.currency}, scenario {choices.scenario}"
    return "\n".join([head, "", *(f"{label:<{widths[0]}}  {figure:>{widths[1]}}" for label, figure in shown)])


def _against(one: AgainstAlternative) -> list[tuple[str, Decimal]]:
    return [
        (f"instead: {one.label}, reference value", one.reference_value),
        ("  differential value", one.differential_value),
        ("  economic value, the most that ours may cost", one.economic_value),
        ("  surplus", one.surplus),
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return f"{value:f}" if isinstance(value, Decimal) else value
