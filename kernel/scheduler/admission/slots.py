"""Slots as the kernel's other parts use them: a context that holds one and keeps it alive."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from redis import Redis

from kernel.scheduler.admission.keeper import LeaseKeeper
from kernel.scheduler.admission.queue import AdmissionQueue
from kernel.scheduler.admission.rules import Heard, Lease, Rules
from kernel.scheduler.policies import Request

_keeper = LeaseKeeper()


@contextmanager
def admitted(name: str, rules: Rules, *, wait_seconds: float, request: Request | None = None) -> Iterator[Lease]:
    """Hold a slot of the queue ``name`` while the block runs.

    Raises an AdmissionError where none is granted. A long-running block asks ``lease.check()`` now and then, and notes in
    ``lease.used_tokens`` what it really used.
    """
    queue = AdmissionQueue(_client(settings.REDIS_URL), name, rules)
    lease = queue.acquire(wait_seconds=wait_seconds, request=request or Request())
    _keeper.keep(queue, lease)
    try:
        yield lease
    finally:
        _keeper.drop(lease)
        queue.release(lease.ticket, used_tokens=lease.used_tokens)


def admission_observe(name: str, rules: Rules, heard: Heard) -> None:
    """Have the queue ``name`` keep to what its provider said about its limits."""
    AdmissionQueue(_client(settings.REDIS_URL), name, rules).observe(heard)


def admission_configure(name: str, rules: Rules) -> None:
    """Put a changed policy into force for those who wait already. Raises AdmissionUnavailable; the next caller brings it then."""
    AdmissionQueue(_client(settings.REDIS_URL), name, rules).configure()


def admission_warm() -> None:
    """Let the time of grace after an empty start begin before the first caller comes. Harmless whenever it is called."""
    AdmissionQueue(_client(settings.REDIS_URL), "warm", Rules(concurrency=0)).release("warm")


@cache
def _client(url: str) -> Redis:
    # Blocking reads wait up to a few seconds; the socket's time-out must be longer than those.
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
