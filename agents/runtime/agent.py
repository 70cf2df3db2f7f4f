"""What an agent is to the runtime: it proposes, and later applies what it proposed.

Proposing may take long, may call models and tools, and writes nothing but its process's events. Applying runs inside the
transaction of the caller (a workflow's step), writes through services, and calls no model. A worker killed while proposing
has changed nothing; one killed while applying has, too, because the transaction is gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from agents.manifest import Manifest
from kernel.capabilities.services import authorize
from tenants.actors import Actor

type Method = Literal["deterministic", "model-assisted"]
DETERMINISTIC: Method = "deterministic"
ASSISTED: Method = "model-assisted"


@dataclass(frozen=True)
class Proposal:
    """What an agent wants done: JSON-ready content, which method made it, and the process that did the work."""

    agent: str
    process: str
    method: Method
    content: Mapping[str, Any]
    notes: tuple[str, ...] = ()


@dataclass
class AgentRun:
    """One run, as the agent sees it: on whose behalf, with which token, and how to tell what it is doing."""

    manifest: Manifest
    process: str
    token: str
    actor: Actor
    tell: Callable[[str, Mapping[str, Any]], None]
    subject: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def acting(self) -> Actor:
        """The agent as an actor: its own identifier, with the rights of the person on whose behalf it runs."""
        return replace(self.actor, identifier=self.manifest.identifier, name=self.manifest.title)

    def use(self, action: str) -> None:
        """Do ``action`` on the run's subject under the token. Raises CapabilityRefused; each use is audited."""
        authorize(self.token, action=action, resource=self.subject, process=self.process)


class Agent(Protocol):
    """An agent of the catalogue."""

    name: str

    def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[Method, Mapping[str, Any]]:
        """Work out what to do; returns the method used and JSON-ready content."""

    def apply(self, run: AgentRun, content: Mapping[str, Any], inputs: Mapping[str, Any], method: Method) -> Mapping[str, Any]:
        """Do it, inside the caller's transaction; returns the step's output."""

    def compensate(self, run: AgentRun, output: Mapping[str, Any]) -> None:
        """Undo what ``apply`` did, inside the caller's transaction."""
