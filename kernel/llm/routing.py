"""From a group to the deployments that may answer, in the order in which they are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from kernel.llm.catalogue import catalogue
from kernel.llm.errors import NoProviderConfigured, ResidencyForbids
from kernel.llm.health import Health, health_lately
from kernel.llm.messages import TokenCounts
from kernel.llm.models import ModelDeployment, Residency, Strategy
from kernel.llm.selectors import price_at
from kernel.llm.sensitivity import Sensitivity

# What a call is taken to be made of where costs are compared: agents read much and write little.
_TYPICAL = TokenCounts(prompt=3000, completion=1000)
# A deployment of which nothing is known goes before all that are, or nobody would ever learn how quick it is.
_UNKNOWN_SECONDS = 0.0


@dataclass(frozen=True)
class Leg:
    """One group of the way: who may answer there, in no order yet."""

    group: str
    deployments: tuple[ModelDeployment, ...]


def legs(group: str, *, sensitivity: Sensitivity, in_house: bool) -> list[Leg]:
    """Where a text of that sensitivity may go when ``group`` is asked.

    Raises NoProviderConfigured where no model is there at all, ResidencyForbids where none of them may be asked.
    """
    held = catalogue()
    found = [Leg(name, tuple(held.available(name))) for name in held.chain(group)]
    if not any(leg.deployments for leg in found):
        raise NoProviderConfigured(f"No model of group {group!r} is configured. An operator can add one in the admin.")
    rules = held.residency
    confined = in_house or sensitivity.reaches(rules.in_house_from)
    allowed = [
        Leg(leg.group, tuple(one for one in leg.deployments if may_answer(one, rules, in_house=confined))) for leg in found
    ]
    if not any(leg.deployments for leg in allowed):
        raise ResidencyForbids(_forbidden(group, rules, sensitivity, confined))
    return [leg for leg in allowed if leg.deployments]


def may_answer(deployment: ModelDeployment, rules: Residency, *, in_house: bool) -> bool:
    """Whether a text may be sent to ``deployment``: to one's own always, to others unless it must stay, or goes too far."""
    return deployment.in_house or (not in_house and (not rules.regions or deployment.region in rules.regions))


def ordered(leg: Leg, health: Mapping[int, Health], at: datetime | None = None) -> list[ModelDeployment]:
    """The deployments of ``leg`` that calls may go to now, as the group's strategy orders them; then by rank."""
    strategy = Strategy(catalogue().route(leg.group).strategy)
    usable = [one for one in leg.deployments if health[one.pk].takes_calls]
    return sorted(usable, key=lambda one: _cost(one, strategy, health[one.pk], at or timezone.now()))  # ranked before, and stable


def health_on(way: Sequence[Leg]) -> dict[int, Health]:
    """The health of everybody on the way, in at most one question to Valkey."""
    return health_lately([deployment.pk for leg in way for deployment in leg.deployments])


def _cost(deployment: ModelDeployment, strategy: Strategy, health: Health, at: datetime) -> float:
    match strategy:
        case Strategy.COST:
            return float(price_at(deployment, at).of(_TYPICAL))
        case Strategy.LATENCY:
            return health.seconds if health.seconds is not None else _UNKNOWN_SECONDS
        case Strategy.QUALITY:
            return -float(deployment.quality)
        case Strategy.RANK:
            return float(deployment.rank)


def _forbidden(group: str, rules: Residency, sensitivity: Sensitivity, confined: bool) -> str:
    where = "models of your own" if confined else f"models in {', '.join(rules.regions)} or of your own"
    return (
        f"This text ({sensitivity}) may go to {where} only, and group {group!r} has none. An operator can mark a deployment as "
        "in house, name its region, or change the tenant's residency in the admin."
    )
