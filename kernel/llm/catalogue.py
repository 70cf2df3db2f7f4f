"""What operators configured, as a call needs it: read once a second, and not once a call.

Without it every call would read six small tables. A change counts within ``VOS_GATEWAY_CATALOGUE_SECONDS`` (default 1), and at
once in the process that made it. What a tenant's role may read differs, so each tenant has its own.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from kernel.llm.models import (
    DEFAULT_GROUP,
    LONGEST_CHAIN,
    ModelDeployment,
    ModelGroupPolicy,
    ModelPrice,
    ModelRoute,
    ModelShare,
    ProviderLimit,
    Residency,
)
from kernel.llm.pricing import FREE, Price
from kernel.schemas import current_schema

# So many tenants are remembered at once; one more makes all be read anew.
MOST_TENANTS = 1000


@dataclass(frozen=True)
class Catalogue:
    """All rows at one moment, as one tenant may see them."""

    deployments: Sequence[ModelDeployment]
    policies: Mapping[str, ModelGroupPolicy]
    routes: Mapping[str, ModelRoute]
    limits: Mapping[str, ProviderLimit]
    weights: Mapping[tuple[str, str], int]
    prices: Sequence[ModelPrice]
    residency: Residency

    def group(self, name: str) -> list[ModelDeployment]:
        """The enabled deployments of the group, by rank."""
        return [deployment for deployment in self.deployments if deployment.group == name]

    def available(self, name: str) -> list[ModelDeployment]:
        """Those of the group whose key is in the environment, or that need none, by rank."""
        return [deployment for deployment in self.group(name) if has_key(deployment)]

    def chain(self, group: str) -> list[str]:
        """``group`` and those that stand in for it, each once. Bounded also where a circle slipped past the admin's check."""
        groups = [group]
        while (following := self.route(groups[-1]).fallback) and following not in groups and len(groups) < LONGEST_CHAIN:
            groups.append(following)
        return groups

    def route(self, group: str = DEFAULT_GROUP) -> ModelRoute:
        """How the group is routed; the default where operators set nothing."""
        return self.routes.get(group) or ModelRoute(group=group)

    def price(self, deployment: ModelDeployment, at: datetime) -> Price:
        """What ``deployment`` charges at that time: its own newest price that is in force, else its model's, else nothing."""
        in_force = [row for row in self.prices if row.valid_from <= at]
        own = next((row for row in in_force if row.deployment_id == deployment.pk), None)
        row = own or next((row for row in in_force if row.model == deployment.model), None)
        return Price(row.prompt, row.completion, row.cached_prompt, row.reasoning, row.pk) if row else FREE


def has_key(deployment: ModelDeployment) -> bool:
    """Whether the key that the deployment names is set, or none is named."""
    return not deployment.api_key_variable or bool(os.environ.get(deployment.api_key_variable))


_lock, _reading = threading.Lock(), threading.Lock()
_read: dict[str, tuple[float, Catalogue]] = {}


def catalogue() -> Catalogue:
    """What holds for the current tenant now."""
    schema, now = current_schema(), time.monotonic()
    found = _read.get(schema)
    fresh_seconds = getattr(settings, "VOS_GATEWAY_CATALOGUE_SECONDS", 1.0)
    if found and now - found[0] < fresh_seconds:
        return found[1]
    reads = _reading.acquire(blocking=False)
    if found and not reads and now - found[0] < 3 * fresh_seconds:
        return found[1]  # somebody reads it anew already; fifty threads need not do so at once
    try:
        fresh = _from_database(schema)
        with _lock:
            if len(_read) >= MOST_TENANTS:
                _read.clear()
            _read[schema] = (now, fresh)
    finally:
        if reads:
            _reading.release()
    return fresh


def forget() -> None:
    """Read anew at the next call. For whoever changed a row and does not want to wait."""
    with _lock:
        _read.clear()


def forget_on_commit(**_: object) -> None:
    """What an operator saves counts at once in the process that saved it, and within the second elsewhere."""
    transaction.on_commit(forget)


def _from_database(schema: str) -> Catalogue:
    shares = ModelShare.objects.filter(schema_name=schema)
    return Catalogue(
        deployments=list(ModelDeployment.objects.filter(enabled=True).order_by("rank", "pk")),
        policies={row.group: row for row in ModelGroupPolicy.objects.all()},
        routes={row.group: row for row in ModelRoute.objects.all()},
        limits={row.provider: row for row in ProviderLimit.objects.all()},
        weights={(row.group, row.unit): row.weight for row in shares},
        prices=list(ModelPrice.objects.order_by("-valid_from", "-pk")),
        residency=Residency.objects.filter(schema_name=schema).first() or Residency(schema_name=schema),
    )
