"""What operators configured, as a call needs it: read once a second, and not once a call.

Without it every call would read six small tables. A change counts within ``VOS_GATEWAY_CATALOGUE_SECONDS`` (default 1), and at
once in the process that made it. What a tenant's role may read differs, so each tenant has its own.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

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


class Catalogue:
    """The rows that one tenant may see: each table as it was when it was first asked for, or all at one moment after ``read``."""

    def __init__(self, schema: str) -> None:
        self._schema = schema

    @cached_property
    def deployments(self) -> Sequence[ModelDeployment]:
        """The enabled ones, by rank."""
        return list(ModelDeployment.objects.filter(enabled=True).order_by("rank", "pk"))

    @cached_property
    def policies(self) -> Mapping[str, ModelGroupPolicy]:
        """By group, where operators set one."""
        return {row.group: row for row in ModelGroupPolicy.objects.all()}

    @cached_property
    def routes(self) -> Mapping[str, ModelRoute]:
        """By group, where operators set one."""
        return {row.group: row for row in ModelRoute.objects.all()}

    @cached_property
    def limits(self) -> Mapping[str, ProviderLimit]:
        """By provider, where operators set one."""
        return {row.provider: row for row in ProviderLimit.objects.all()}

    @cached_property
    def weights(self) -> Mapping[tuple[str, str], int]:
        """The tenant's, by group and unit."""
        return {(row.group, row.unit): row.weight for row in ModelShare.objects.filter(schema_name=self._schema)}

    @cached_property
    def prices(self) -> Sequence[ModelPrice]:
        """The whole price book, newest first."""
        return list(ModelPrice.objects.order_by("-valid_from", "-pk"))

    @cached_property
    def residency(self) -> Residency:
        """Where the tenant's data may go; the default where nothing is set."""
        return Residency.objects.filter(schema_name=self._schema).first() or Residency(schema_name=self._schema)

    def read(self) -> None:
        """Read every table now, for whoever keeps it."""
        _everything = (self.deployments, self.policies, self.routes, self.limits, self.weights, self.prices, self.residency)

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


def catalogue(*, patience: float = 1) -> Catalogue:
    """What holds for the current tenant now; ``patience`` is how many times as old as usual it may be, for who only shows it."""
    schema, now = current_schema(), time.monotonic()
    found = _read.get(schema)
    fresh_seconds = getattr(settings, "VOS_GATEWAY_CATALOGUE_SECONDS", 1.0)
    if found and now - found[0] < patience * fresh_seconds:
        return found[1]
    if not fresh_seconds:
        return Catalogue(schema)  # nothing is kept, so only what is asked for need be read
    reads = _reading.acquire(blocking=False)
    if found and not reads and now - found[0] < 3 * fresh_seconds:
        return found[1]  # somebody reads it anew already; fifty threads need not do so at once
    try:
        fresh = Catalogue(schema)
        fresh.read()
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
