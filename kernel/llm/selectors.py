"""Which models may be called now, and what operators set for them."""

from datetime import datetime

from kernel.llm.catalogue import catalogue
from kernel.llm.models import DEFAULT_GROUP, ModelDeployment, ModelGroupPolicy, ModelShare, ProviderLimit
from kernel.llm.pricing import Price


def provider_available(group: str = DEFAULT_GROUP, *, patience: float = 1) -> bool:
    """Whether a call to ``group``, or to those that stand in for it, can be tried; without one, agents run their own method.

    ``patience`` is as for ``catalogue``.
    """
    held = catalogue(patience=patience)
    return any(held.available(one) for one in held.chain(group))


def price_at(deployment: ModelDeployment, at: datetime) -> Price:
    """What ``deployment`` charges at that time."""
    return catalogue().price(deployment, at)


def group_policy(group: str) -> ModelGroupPolicy:
    """The policy of ``group``; the default where operators set none."""
    return catalogue().policies.get(group) or ModelGroupPolicy(group=group)


def provider_limit(provider: str) -> ProviderLimit:
    """What ``provider`` takes a minute; no limit where operators set none."""
    return catalogue().limits.get(provider) or ProviderLimit(provider=provider)


def share_weights(group: str, tenant: str, unit: str) -> tuple[int, int]:
    """What ``tenant`` (the current one) weighs among tenants and ``unit`` among its own on ``group``; 1 where nothing is set."""
    weights = catalogue().weights
    return weights.get((group, ""), 1), weights.get((group, unit), 1) if unit else 1


def tenant_weights(group: str) -> dict[str, int]:
    """What tenants weigh on ``group``, by schema name, for operators; who is not in it weighs 1."""
    return dict(ModelShare.objects.filter(group=group, unit="").values_list("schema_name", "weight"))
