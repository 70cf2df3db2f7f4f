"""One queue for one scarce thing: enter, wait, hold a lease, yield, leave."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from kernel.scheduler.admission.arguments import (
    Arguments,
    enter_arguments,
    heard_arguments,
    held_arguments,
    joined,
    policy_arguments,
    renew_arguments,
    rules_arguments,
)
from kernel.scheduler.admission.rebuilding import MOST_SECONDS, SETTLE_SECONDS, HeldSlot, Holders
from kernel.scheduler.admission.rules import (
    AdmissionTimeout,
    AdmissionUnavailable,
    Heard,
    Lease,
    ProviderStopped,
    QueueFull,
    Rules,
)
from kernel.scheduler.admission.scripts import call
from kernel.scheduler.admission.survey import Survey, survey_read
from kernel.scheduler.policies import Request

# Asked while somebody waits: the error with which the waiting shall end, or None.
type Interrupted = Callable[[], BaseException | None]

PREFIX = "vos:admission"
_BRING_POLICY = -2
_ANYBODY = Request()
# How long a waiter that may be interrupted sleeps before it is asked.
_LONGEST_SILENCE_SECONDS = 0.5


@dataclass(frozen=True)
class Standing:
    """The answer to who asks for a slot: it is theirs, or how long nobody gets one, how long to sleep on behalf of all, how
    long the provider wants no calls, and for how long it is unknown who holds a slot."""

    granted: bool
    blocked_seconds: float = 0.0
    clock_seconds: float = 0.0
    stopped_seconds: float = 0.0
    unknown_seconds: float = 0.0


class AdmissionQueue:
    """The queue called ``name`` in the Valkey that ``client`` talks to. Made freely: it holds no state of its own.

    ``clock`` (µs, above 0) stands in for Valkey's own where time is simulated. ``address`` is where this process hears that a
    higher class wants a slot that it holds (see ``hear``). ``holders`` tells who holds a slot when Valkey was emptied.
    """

    def __init__(
        self,
        client: Redis,
        name: str,
        rules: Rules,
        *,
        clock: Callable[[], int] | None = None,
        address: str = "",
        holders: Holders = lambda: None,
    ) -> None:
        self._client, self.name, self.rules, self._clock, self._address = client, name, rules, clock, address
        self._holders = holders
        self._prefix = _prefix(name)
        self._wake = f"{self._prefix}wake:"
        self._shared = joined(rules_arguments(rules))

    def acquire(self, *, wait_seconds: float, request: Request = _ANYBODY, interrupted: Interrupted | None = None) -> Lease:
        """Wait for a slot until the policy gives one, at most ``wait_seconds``.

        Raises QueueFull, AdmissionTimeout, ProviderStopped at once when waiting that long would not help,
        AdmissionUnavailable when Valkey stays away that long, or what ``interrupted`` returns. No place is left behind then.
        """
        return self._wait(Lease(uuid.uuid4().hex, 0.0, request=request), wait_seconds, interrupted)

    def give_way(
        self,
        lease: Lease,
        *,
        wait_seconds: float,
        left_tokens: int,
        preemptible: bool = True,
        interrupted: Interrupted | None = None,
    ) -> Lease:
        """Yield the slot to whoever's turn it is, and wait for another to do the rest, of ``left_tokens``.

        Who yields has a place in the queue however long it is, and keeps its age where classes count. Raises as ``acquire`` does;
        the slot is given up then too. ``preemptible`` says whether the rest may be asked to yield again.
        """
        used = lease.request.tokens if lease.used_tokens is None else lease.used_tokens
        request = replace(lease.request, tokens=left_tokens, preemptible=preemptible and lease.request.preemptible)
        rest = Lease(lease.ticket, 0.0, request=request, began=lease.began)
        return self._wait(rest, wait_seconds, interrupted, used_tokens=used)

    def renew(self, ticket: str, request: Request = _ANYBODY) -> bool:
        """Hold a lease on; False when it is lost. Raises AdmissionUnavailable, in which case the lease still runs."""
        try:
            return bool(self._call("renew", ticket, renew_arguments(request, self._address)))
        except RedisError as error:
            raise _unavailable(error) from error

    def release(self, ticket: str, *, used_tokens: int | None = None) -> None:
        """Give the slot (or the place in the queue) to the next; ``used_tokens`` settles what was estimated.

        Without Valkey the lease ends by itself.
        """
        try:
            self._call("leave", ticket, [-1 if used_tokens is None else used_tokens])
        except RedisError:
            return

    def configure(self) -> None:
        """Put the policy of the rules into force now, if it is newer than the queue's. Raises AdmissionUnavailable."""
        try:
            self._call("configure", "", policy_arguments(self.rules.policy))
        except RedisError as error:
            raise _unavailable(error) from error

    def observe(self, heard: Heard) -> None:
        """Keep to what the provider said. Without Valkey it is forgotten: the provider will say it again."""
        try:
            self._call("observe", "", heard_arguments(heard))
        except RedisError:
            return

    def hear(self, address: str, seconds: float) -> str | None:
        """The ticket of a lease of whoever listens at ``address`` whose slot is wanted; None if there is none for so long."""
        try:
            heard = self._client.blpop([f"{PREFIX}:told:{address}"], timeout=max(seconds, 0.01))
        except RedisError:
            time.sleep(max(min(seconds, 0.2), 0))
            return None
        return _text(heard[1]) if heard else None

    def is_wanted(self, ticket: str) -> bool:
        """Whether the slot that ``ticket`` holds is wanted by a higher class. Without Valkey nobody can be let in, so no."""
        try:
            return bool(self._client.hexists(f"{self._prefix}told", ticket))
        except RedisError:
            return False

    def holding(self, lease: Lease) -> HeldSlot:
        """``lease`` as a record outside Valkey keeps it."""
        return HeldSlot(self.name, lease.ticket, self.rules.lease_seconds, lease.request, self._address)

    def occupancy(self) -> tuple[int, int]:
        """How many hold a slot and how many wait."""
        try:
            held, waiting = self._call("look", "", [])
        except RedisError as error:
            raise _unavailable(error) from error
        return int(held), int(waiting)

    def survey(self) -> Survey:
        """Who holds and who waits, for people to look at: O(n) in both. Raises AdmissionUnavailable."""
        try:
            return survey_read(self._call("survey", "", []))
        except RedisError as error:
            raise _unavailable(error) from error

    def ask(self, ticket: str, request: Request, *, waited_seconds: float = 0.0, used_tokens: int | None = None) -> Standing:
        """Enter, or ask again. Entering again is also what mends a flush. Raises QueueFull and Valkey's own errors."""
        about = enter_arguments(self.rules, request, self._address, waited_seconds=waited_seconds, used_tokens=used_tokens)
        answer = self._call("enter", ticket, about)
        if answer[0] == _BRING_POLICY:
            self.configure()
            answer = self._call("enter", ticket, about)
        if answer[0] == -1:
            raise QueueFull(
                f"{answer[1]} callers wait for {self.name} already. Try again in {answer[2] / 1000:.0f} s.",
                retry_seconds=answer[2] / 1000,
            )
        if answer[0] == _BRING_POLICY:  # flushed in between
            return Standing(False, clock_seconds=0.01)
        return Standing(True) if answer[0] == 1 else Standing(False, *(part / 1000 for part in answer[2:]))

    def _wait(
        self, lease: Lease, wait_seconds: float, interrupted: Interrupted | None, *, used_tokens: int | None = None
    ) -> Lease:
        began = time.monotonic()
        until = began + wait_seconds
        try:
            while not (standing := self._standing(lease, until, used_tokens)).granted:
                left = until - time.monotonic()
                if standing.stopped_seconds > max(left, 0.0):
                    raise self._stopped(standing)
                if left <= 0:
                    raise self._timeout(wait_seconds, standing)
                if min(left, standing.unknown_seconds) > SETTLE_SECONDS and self._rebuilt():
                    used_tokens = None
                    continue
                self._sleep(lease.ticket, self._pause(left, standing), interrupted)
                used_tokens = None
        except BaseException:
            # Also when the caller is interrupted: a ticket left behind would take a slot that nobody uses.
            self.release(lease.ticket)
            raise
        lease.waited_seconds = time.monotonic() - began
        return lease

    def _standing(self, lease: Lease, until: float, used_tokens: int | None) -> Standing:
        now = lease.asked_at = time.monotonic()
        try:
            return self.ask(lease.ticket, lease.request, waited_seconds=now - lease.began, used_tokens=used_tokens)
        except RedisError as error:
            if now < until:
                return Standing(False)
            raise _unavailable(error) from error
        except AdmissionUnavailable:
            if now < until:
                return Standing(False)
            raise

    def _rebuilt(self) -> bool:
        """Have an emptied Valkey know who holds a slot, unless another does so just now or nobody can say; see ``rebuilding``."""
        try:
            grace = self._call("claim", "", [round(MOST_SECONDS * 1000)])
            if grace is None:
                return False
            time.sleep(SETTLE_SECONDS)
            held = self._holders()
            if held is None:
                return False
            known = [argument for one in held for argument in held_arguments(one, _prefix(one.queue))]
            return int(self._call("rebuild", "", [_text(grace), *known])) >= 0
        except RedisError:
            return False

    def _timeout(self, wait_seconds: float, standing: Standing) -> AdmissionTimeout:
        return AdmissionTimeout(
            f"No slot of {self.name} came free within {wait_seconds:g} s.",
            retry_seconds=standing.blocked_seconds or None,
        )

    def _stopped(self, standing: Standing) -> ProviderStopped:
        seconds = standing.stopped_seconds
        return ProviderStopped(f"The provider of {self.name} wants no calls for another {seconds:.0f} s.", retry_seconds=seconds)

    def _pause(self, left: float, standing: Standing) -> float:
        """Until it is time to be heard of again, or to look at the clock for all."""
        pause = min(left, self.rules.waiter_seconds / 3, standing.clock_seconds or left)
        return max(pause, 0.01)

    def _sleep(self, ticket: str, seconds: float, interrupted: Interrupted | None) -> None:
        """Until somebody says the slot is ours, or ``seconds`` have gone by. Raises what ``interrupted`` returns meanwhile."""
        until = time.monotonic() + seconds
        woken = False
        while not woken and (left := until - time.monotonic()) > 0:
            woken = self._nap(ticket, min(left, _LONGEST_SILENCE_SECONDS) if interrupted else left)
            if interrupted and (error := interrupted()):
                raise error

    def _nap(self, ticket: str, seconds: float) -> bool:
        """Whether somebody woke us."""
        began = time.monotonic()
        try:
            return self._client.blpop([self._wake + ticket], timeout=max(seconds, 0.01)) is not None
        except RedisError:
            # Away or restarting: wait out the time here instead of hammering at its door.
            time.sleep(max(min(seconds, 0.2) - (time.monotonic() - began), 0))
            return True

    def _call(self, function: str, ticket: str, about: Arguments) -> Any:
        now = self._clock() if self._clock else 0
        return call(self._client, function, self._prefix, f"{now}\n{ticket}\n{self._shared}{joined(about)}")


def _prefix(name: str) -> str:
    return f"{PREFIX}:queue:{name}:"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _unavailable(error: RedisError) -> AdmissionUnavailable:
    return AdmissionUnavailable(f"Valkey does not answer ({type(error).__name__}); nobody can be admitted until it does.")
