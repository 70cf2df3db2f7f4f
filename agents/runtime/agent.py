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


@dataclass(frozen=True)
class Bounds:
    """What holds a run below its manifest: rights as (action, pattern of resources), and the most tokens; None holds nothing.

    ``affords`` is asked before each call of a model, and raises OverBudget where the call could cost more than may be spent.
    Bounds only narrow. An agent that needs what they take away is refused when it uses it.
    """

    rights: frozenset[tuple[str, str]] | None = None
    tokens: int | None = None
    affords: Callable[[], None] | None = field(default=None, compare=False)

    def narrowed(self, manifest: Manifest) -> Manifest:
        """The manifest of a run that is held to these."""
        rights, tokens = self.rights, self.tokens
        held = manifest.capabilities
        kept = held if rights is None else tuple(spec for spec in held if (spec.action, spec.resource) in rights)
        most = manifest.budget.tokens if tokens is None else min(tokens, manifest.budget.tokens)
        budget = manifest.budget.model_copy(update={"tokens": most})
        return manifest.model_copy(update={"capabilities": kept, "budget": budget})


UNBOUND = Bounds()


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
    affords: Callable[[], None] | None = None

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
