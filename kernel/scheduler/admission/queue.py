"""One queue for one scarce thing: enter, wait, hold a lease, leave."""

import time
import uuid
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError

from kernel.scheduler.admission.scripts import ENTER, LEAVE, LOOK, RENEW

PREFIX = "vos:admission"


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


@dataclass
class Lease:
    """A held slot. ``lost`` turns true when it ran out and somebody else may have it: stop using the slot then."""

    ticket: str
    waited_seconds: float
    lost: bool = field(default=False)

    def check(self) -> None:
        """Raise LeaseLost if the slot is not ours any more."""
        if self.lost:
            raise LeaseLost("The slot's lease ran out, because it could not be renewed in time. Try again.")


class AdmissionError(RuntimeError):
    """No slot was granted, or it was lost. Trying again later is right; ``retry_seconds`` says when."""

    retry_seconds = 5.0


class AdmissionTimeout(AdmissionError):
    """No slot came free while the caller was willing to wait."""


class QueueFull(AdmissionError):
    """So many wait already that waiting has no prospect."""


class AdmissionUnavailable(AdmissionError):
    """Valkey does not answer, so nobody can say who may go. Nothing is lost."""


class LeaseLost(AdmissionError):
    """The lease ran out while the slot was in use."""

    retry_seconds = 0.0


class AdmissionQueue:
    """The queue called ``name`` in the Valkey that ``client`` talks to. Made freely: it holds no state of its own."""

    def __init__(self, client: Redis, name: str, rules: Rules) -> None:
        self._client, self.rules = client, rules
        own = [f"{PREFIX}:queue:{name}:{part}" for part in ("waiting", "seen", "leases", "arrivals")]
        self._wake = f"{PREFIX}:queue:{name}:wake:"
        self._keys = [*own, f"{PREFIX}:epoch", self._wake]
        self.name = name
        self._enter, self._renew, self._leave, self._look = (client.register_script(s) for s in (ENTER, RENEW, LEAVE, LOOK))

    def acquire(self, *, wait_seconds: float) -> Lease:
        """Wait for a slot in the order of arrival, at most ``wait_seconds``.

        Raises QueueFull, AdmissionTimeout, or AdmissionUnavailable when Valkey stays away that long.
        """
        ticket, began = uuid.uuid4().hex, time.monotonic()
        try:
            while not self._try(ticket, patient=time.monotonic() - began < wait_seconds):
                left = wait_seconds - (time.monotonic() - began)
                if left <= 0:
                    raise AdmissionTimeout(f"No slot of {self.name} came free within {wait_seconds:g} s.")
                self._sleep(ticket, max(min(left, self.rules.waiter_seconds / 3), 0.01))
        except BaseException:
            # Also when the caller is interrupted: a ticket left behind would take a slot that nobody uses.
            self.release(ticket)
            raise
        return Lease(ticket, time.monotonic() - began)

    def renew(self, ticket: str) -> bool:
        """Hold a lease on; False when it is lost. Raises AdmissionUnavailable, in which case the lease still runs."""
        try:
            return bool(self._renew(self._keys, [ticket, self.rules.concurrency, *self._lease_and_grace()]))
        except RedisError as error:
            raise _unavailable(error) from error

    def release(self, ticket: str) -> None:
        """Give the slot (or the place in the queue) to the next. Without Valkey the lease ends by itself."""
        try:
            self._leave(self._keys, [ticket, self.rules.concurrency, *self._lease_and_grace()])
        except RedisError:
            return

    def occupancy(self) -> tuple[int, int]:
        """How many hold a slot and how many wait."""
        try:
            held, waiting = self._look(self._keys)
        except RedisError as error:
            raise _unavailable(error) from error
        return int(held), int(waiting)

    def _try(self, ticket: str, *, patient: bool) -> bool:
        """Enter or ask again; True when a slot is ours. Entering again is also what mends a flush."""
        rules, (lease, grace) = self.rules, self._lease_and_grace()
        arguments: list[str | int] = [ticket, rules.concurrency, lease, _ms(rules.waiter_seconds), rules.longest_queue, grace]
        try:
            answer, length = self._enter(self._keys, arguments)
        except RedisError as error:
            if patient:
                return False
            raise _unavailable(error) from error
        if answer == -1:
            raise QueueFull(f"{length} callers wait for {self.name} already. Try again later.")
        return bool(answer == 1)

    def _sleep(self, ticket: str, seconds: float) -> None:
        """Until somebody says the slot is ours, or ``seconds`` have gone by."""
        began = time.monotonic()
        try:
            self._client.blpop([self._wake + ticket], timeout=seconds)
        except RedisError:
            # Away or restarting: wait out the time here instead of hammering at its door.
            time.sleep(max(min(seconds, 0.2) - (time.monotonic() - began), 0))

    def _lease_and_grace(self) -> tuple[int, int]:
        return _ms(self.rules.lease_seconds), _ms(self.rules.grace_seconds)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _unavailable(error: RedisError) -> AdmissionUnavailable:
    return AdmissionUnavailable(f"Valkey does not answer ({type(error).__name__}); nobody can be admitted until it does.")
