"""What the engine and a handler of steps say to each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from kernel.guardrails.taint import Taint
from tenants.actors import Actor
from workflows.definition import StepSpec


class StepRetryable(Exception):
    """The step failed for a reason that may pass; it is tried again by its policy."""


class StepPostponed(StepRetryable):
    """The step is not to be tried before ``until``; that is no failure of its own, and does not count as one."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(f"{message} It is tried again at {until:%H:%M:%S} UTC.")
        self.until = until


class StepTerminal(Exception):
    """The step failed for a reason that trying again does not mend; the message tells a person what to do."""


def _nobody_is_told(pid: str) -> None:
    """For runs that no attempt stands behind, such as in tests of handlers."""


@dataclass(frozen=True)
class StepRun:
    """One attempt at a step, as its handler sees it. ``inputs`` are resolved; ``actor`` is on whose behalf it runs.

    ``step_id`` is the key of its row, which handlers that start children need; ``priority`` the scheduling class of model calls.
    ``taint`` says whether what the run was given, or sent, came from outside. A handler that starts a process tells ``worked_by``
    its pid before the process works, so that its costs are known however the attempt ends.
    """

    execution: str
    key: str
    subject: str
    spec: StepSpec
    inputs: Mapping[str, Any]
    actor: Actor
    attempt: int
    run_started_at: datetime
    step_started_at: datetime
    waiting_key: str = ""
    priority: str = ""
    step_id: int = 0
    taint: Taint = Taint.CLEAN
    worked_by: Callable[[str], None] = field(default=_nobody_is_told, compare=False, repr=False)

    @property
    def idempotency_key(self) -> str:
        """The same in every attempt; to be sent along with whatever leaves the system."""
        return f"{self.execution}:{self.key}"


@dataclass(frozen=True)
class Done:
    """The step is over. ``taken`` are the steps it leads to; None stands for the usual ones."""

    output: Mapping[str, Any]
    taken: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Waiting:
    """The step goes on when something arrives. ``match`` must be contained in an event's data for it to count."""

    kind: str
    key: str
    match: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None


class StepHandler(Protocol):
    """A kind of step. Handlers keep no state between calls: another worker may make the next one."""

    def prepare(self, run: StepRun) -> Any:
        """Do what is slow, outside any transaction. Leaves nothing behind that another attempt could trip over."""

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any] | Done | Waiting:
        """Write, inside the one transaction that closes the step. Returns its output, or what it waits for."""

    def arrived(self, run: StepRun) -> Done | None:
        """For steps that wait: whether what they wait for is there, read from Postgres. Inside the closing transaction."""

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        """Undo what ``commit`` did, inside the transaction that records it. Doing nothing is right where nothing was done."""

    def abandon(self, run: StepRun) -> None:
        """For steps that wait: nobody waits any more. Inside the transaction that cancels the step."""

    def discard(self, run: StepRun, prepared: Any) -> None:
        """What was prepared will not be committed: the lease was lost. Outside any transaction; must not raise."""


class PlainHandler:
    """Handlers that do not wait and leave nothing while preparing start from this."""

    def prepare(self, run: StepRun) -> Any:
        """Nothing is slow."""
        return None

    def arrived(self, run: StepRun) -> Done | None:
        """Nothing is waited for."""
        return None

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        """Nothing was done that could be undone."""

    def abandon(self, run: StepRun) -> None:
        """Nobody is asked."""

    def discard(self, run: StepRun, prepared: Any) -> None:
        """Nothing was left behind."""
