"""Which models may be called now."""

import os

from kernel.llm.models import DEFAULT_GROUP, ModelDeployment, ModelGroupPolicy, ModelShare, ProviderLimit


def deployments_available(group: str = DEFAULT_GROUP) -> list[ModelDeployment]:
    """The enabled deployments of ``group`` whose key is in the environment (or that need none), the first choice first."""
    rows = ModelDeployment.objects.filter(group=group, enabled=True).order_by("rank", "pk")
    return [deployment for deployment in rows if has_key(deployment)]


def provider_available(group: str = DEFAULT_GROUP) -> bool:
    """Whether a call to ``group`` can be tried at all; without one, agents run their deterministic method."""
    return bool(deployments_available(group))


def has_key(deployment: ModelDeployment) -> bool:
    """Whether the key that the deployment names is set, or none is named."""
    return not deployment.api_key_variable or bool(os.environ.get(deployment.api_key_variable))


def group_policy(group: str) -> ModelGroupPolicy:
    """The policy of ``group``, read anew so that a change counts at once; the default where operators set none."""
    return ModelGroupPolicy.objects.filter(group=group).first() or ModelGroupPolicy(group=group)


def provider_limit(provider: str) -> ProviderLimit:
    """What ``provider`` takes a minute; no limit where operators set none."""
    return ProviderLimit.objects.filter(provider=provider).first() or ProviderLimit(provider=provider)


def share_weights(group: str, tenant: str, unit: str) -> tuple[int, int]:
    """What ``tenant`` weighs among tenants and ``unit`` among its own on ``group``; 1 where operators set nothing."""
    rows = ModelShare.objects.filter(group=group, schema_name=tenant, unit__in=["", unit]).values_list("unit", "weight")
    weights = dict(rows)
    return weights.get("", 1), weights.get(unit, 1) if unit else 1
