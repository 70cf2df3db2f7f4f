"""Which models may be called now."""

import os

from kernel.llm.models import DEFAULT_GROUP, ModelDeployment


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
