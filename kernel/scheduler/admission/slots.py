"""Slots as the kernel's other parts use them: a context that holds one and keeps it alive."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from redis import Redis

from kernel.scheduler.admission.keeper import LeaseKeeper
from kernel.scheduler.admission.queue import AdmissionQueue, Interrupted
from kernel.scheduler.admission.rebuilding import SETTLE_SECONDS, HeldSlot, holders_on_record
from kernel.scheduler.admission.rules import AdmissionUnavailable, Heard, Lease, Rules
from kernel.scheduler.admission.survey import Survey
from kernel.scheduler.policies import Request

_keeper = LeaseKeeper()


@contextmanager
def admitted(
    name: str,
    rules: Rules,
    *,
    wait_seconds: float,
    request: Request | None = None,
    interrupted: Interrupted | None = None,
) -> Iterator[Lease]:
    """Hold a slot of the queue ``name`` while the block runs.

    Raises an AdmissionError where none is granted, and what ``interrupted`` returns while waiting. A long-running block asks
    ``lease.check()`` now and then, and notes in ``lease.used_tokens`` what it really used.
    """
    queue = _queue(name, rules)
    lease = queue.acquire(wait_seconds=wait_seconds, request=request or Request(), interrupted=interrupted)
    _keeper.keep(queue, lease)
    try:
        yield lease
    finally:
        _keeper.drop(lease)
        queue.release(lease.ticket, used_tokens=lease.used_tokens)


def slot_yield(
    lease: Lease,
    *,
    wait_seconds: float,
    left_tokens: int,
    preemptible: bool = True,
    interrupted: Interrupted | None = None,
) -> None:
    """Inside ``admitted``: give the slot to whoever waits for it and wait for another, for the rest of ``left_tokens``.

    ``lease.used_tokens`` says what was used of the slot until now; ``preemptible``, whether the rest may be asked to yield again.
    Raises as ``admitted`` does; the slot is given up then.
    """
    queue = _keeper.queue_of(lease)
    _keeper.drop(lease)
    rest = queue.give_way(
        lease, wait_seconds=wait_seconds, left_tokens=left_tokens, preemptible=preemptible, interrupted=interrupted
    )
    lease.request, lease.used_tokens, lease.wanted, lease.lost = rest.request, None, False, False
    lease.waited_seconds += rest.waited_seconds
    lease.asked_at = rest.asked_at
    _keeper.keep(queue, lease)


def slot_noted(lease: Lease, write: Callable[[HeldSlot], object]) -> None:
    """Inside ``admitted``, before the slot is used: ``write`` it into a record that outlives Valkey (``holders_register``).

    Raises LeaseLost where that took so long that somebody may have read the record in between and given the slot away.
    """
    queue = _keeper.queue_of(lease)
    write(queue.holding(lease))
    if time.monotonic() - lease.asked_at < SETTLE_SECONDS:
        return
    try:
        lease.lost = not queue.renew(lease.ticket, lease.request)
    except AdmissionUnavailable:
        return  # who rebuilds comes later than the note
    if lease.lost:
        lease.check()


def admission_observe(name: str, rules: Rules, heard: Heard) -> None:
    """Have the queue ``name`` keep to what its provider said about its limits."""
    _queue(name, rules).observe(heard)


def admission_configure(name: str, rules: Rules) -> None:
    """Put a changed policy into force for those who wait already. Raises AdmissionUnavailable; the next caller brings it then."""
    _queue(name, rules).configure()


def admission_survey(name: str, rules: Rules) -> Survey:
    """Who holds and who waits in the queue ``name``. Raises AdmissionUnavailable."""
    return _queue(name, rules).survey()


def admission_warm() -> None:
    """Let the time of grace after an empty start begin before the first caller comes. Harmless whenever it is called."""
    _queue("warm", Rules(concurrency=0)).release("warm")


def _queue(name: str, rules: Rules) -> AdmissionQueue:
    return AdmissionQueue(admission_client(settings.REDIS_URL), name, rules, address=_keeper.address, holders=holders_on_record)


@cache
def admission_client(url: str) -> Redis:
    """The process' connections for admission."""
    # Blocking reads wait up to a few seconds; the socket's time-out must be longer than those.
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
