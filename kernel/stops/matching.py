"""Which work a stop is about. Pure.

Work has names: ``agent:target``, ``workflow:lifecycle``. An agent's version does not count.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class InForce:
    """A stop in force, as every process keeps it in memory. An empty ``schema_name`` is every tenant's."""

    pk: int
    kind: str
    key: str
    schema_name: str
    reason: str
    set_by_name: str

    @property
    def is_of_all_work(self) -> bool:
        """Whether everything in its tenant, or everywhere, is stopped."""
        return self.kind in {"tenant", "platform"}

    @property
    def sentence(self) -> str:
        """Why work waits, for people: who stopped it, and because of what."""
        return f"Stopped by {self.set_by_name or 'a person'} because: {self.reason}"

    def is_in(self, schema_name: str) -> bool:
        """Whether it is about that tenant's work, or some of it."""
        return self.schema_name in {"", schema_name}

    def is_about(self, schema_name: str, names: Collection[str]) -> bool:
        """Whether it is about work of that tenant that has these names."""
        return self.is_in(schema_name) and (self.is_of_all_work or f"{self.kind}:{self.key}" in names)


def agent_name(agent: str) -> str:
    """What stops know an agent by, however its process spells it: ``target@1.0.0`` and ``agent:target@1.0.0`` are one."""
    return agent if ":" in agent else f"agent:{agent}"


def named(names: Iterable[str]) -> frozenset[str]:
    """The names without versions: ``agent:target@1.0.0`` is ``agent:target``."""
    return frozenset(name.partition("@")[0] for name in names)
