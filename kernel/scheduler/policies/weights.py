"""The weights that a queue knows: those that came with the latest request of each tenant and unit."""

from kernel.scheduler.policies.policy import CLASS_WEIGHTS
from kernel.scheduler.policies.requests import Priority, Waiting


class Weights:
    """Who has not said otherwise weighs 1."""

    def __init__(self) -> None:
        self._tenants: dict[str, int] = {}
        self._units: dict[tuple[str, str], int] = {}

    def learn(self, one: Waiting) -> None:
        """Take over the weights that ``one`` brings."""
        self._tenants[one.tenant] = one.tenant_weight
        self._units[one.tenant, one.unit] = one.unit_weight

    def of_tenant(self, tenant: str) -> int:
        """The share of ``tenant`` among tenants."""
        return self._tenants.get(tenant, 1)

    def upwards(self, one: Waiting) -> tuple[int, int, int]:
        """The weights of a request's unit, its class and its tenant."""
        return (
            self._units.get((one.tenant, one.unit), 1),
            CLASS_WEIGHTS[Priority(one.priority)],
            self.of_tenant(one.tenant),
        )
