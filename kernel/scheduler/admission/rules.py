"""What a queue is told about how to admit, what it answers with, and what can go wrong."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kernel.scheduler.policies import Policy, Request


@dataclass(frozen=True)
class Limits:
    """Requests and tokens a minute; 0 is no limit. Those of the ``provider`` are shared by all queues that name it.

    What a minute allows is spread over it, except for ``burst_seconds`` worth that may go at once.
    """

    requests: int = 0
    tokens: int = 0
    provider: str = ""
    provider_requests: int = 0
    provider_tokens: int = 0
    burst_seconds: float = 1.0


@dataclass(frozen=True)
class Rules:
    """How a queue admits. Changing ``concurrency`` takes effect with the next decision; nobody is thrown out.

    A lease lasts ``lease_seconds`` and is renewed every ``renew_seconds`` while it is used. A waiter not heard of for
    ``waiter_seconds`` is dropped. After a flush nobody new is admitted for ``grace_seconds``, so it must be longer than
    ``renew_seconds``.
    """

    concurrency: int
    lease_seconds: float = 15.0
    renew_seconds: float = 2.0
    waiter_seconds: float = 5.0
    grace_seconds: float = 5.0
    longest_queue: int = 1000
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Heard:
    """What a provider said about its limits: a wish to be left alone, and how much it still takes for how many seconds."""

    pause_seconds: float = 0.0
    requests_left: int | None = None
    requests_left_seconds: float = 0.0
    tokens_left: int | None = None
    tokens_left_seconds: float = 0.0


@dataclass
class Lease:
    """A held slot. ``lost`` turns true when it ran out and somebody else may have it: stop using the slot then.

    ``wanted`` turns true when a higher class waits for it and its request is preemptible; ``still_wanted`` says whether that
    holds yet. Its user notes in ``used_tokens`` what was really used; without that the estimate stands. ``began`` is when it was
    first asked for, on this process' monotonic clock: who yields keeps its age.
    """

    ticket: str
    waited_seconds: float
    lost: bool = field(default=False)
    request: Request = field(default_factory=Request)
    used_tokens: int | None = None
    wanted: bool = False
    still_wanted: Callable[[], bool] = field(default=lambda: True, repr=False)
    began: float = field(default_factory=time.monotonic)
    # When its holder last asked and heard that the slot is its own; on the same clock.
    asked_at: float = field(default_factory=time.monotonic, repr=False)

    def check(self) -> None:
        """At a boundary where the user could stop: raise LeaseLost if the slot is not ours any more, SlotWanted to yield it."""
        if self.lost:
            raise LeaseLost("The slot's lease ran out, because it could not be renewed in time. Try again.")
        if self.wanted:
            self.wanted = self.still_wanted()
        if self.wanted:
            raise SlotWanted("A request of a higher class waits for the slot. Keep what there is, yield, and go on later.")


class AdmissionError(RuntimeError):
    """No slot was granted, or it was lost. Trying again later is right; ``retry_seconds`` says when."""

    retry_seconds = 5.0

    def __init__(self, message: str, *, retry_seconds: float | None = None) -> None:
        super().__init__(message)
        if retry_seconds is not None:
            self.retry_seconds = retry_seconds


class AdmissionTimeout(AdmissionError):
    """No slot came free while the caller was willing to wait."""


class ProviderStopped(AdmissionError):
    """The provider said that it takes no calls for longer than the caller would wait."""


class QueueFull(AdmissionError):
    """So many wait already that waiting has no prospect."""


class AdmissionUnavailable(AdmissionError):
    """Valkey does not answer, so nobody can say who may go. Nothing is lost."""


class SlotWanted(AdmissionError):
    """The slot is wanted by a higher class; the lease is still held. Answer it with ``slot_yield``."""

    retry_seconds = 0.0


class LeaseLost(AdmissionError):
    """The lease ran out while the slot was in use."""

    retry_seconds = 0.0
