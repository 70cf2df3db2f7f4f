"""Connections to model servers, kept open between calls: opening one costs more than a short call itself."""

import os
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

CONNECT_SECONDS = 10.0
# Below what servers keep open themselves: uvicorn, and so vLLM, closes after 5 s.
IDLE_SECONDS = 4.0
MOST_IDLE = 64


@dataclass(frozen=True)
class Place:
    """Where a server is."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Place":
        """The place that ``url`` names. Raises ValueError for anything but http and https with a host."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("A model server's address must begin with http:// or https:// and name a host.")
        return cls(parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))


@dataclass
class Connection:
    """An open connection; ``reused`` tells that the server may have closed it without our noticing."""

    place: Place
    sock: socket.socket
    reused: bool = False
    idle_since: float = field(default=0.0)

    def close(self) -> None:
        """Hang up. The server notices with its next write."""
        self.sock.close()


class Connections:
    """Idle connections by place. A forked child starts with none of its parent's: two processes on one would mix answers."""

    def __init__(self) -> None:
        self._idle: dict[Place, deque[Connection]] = {}
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def take(self, place: Place, *, fresh: bool = False) -> Connection:
        """An idle connection, the one used last first, or a new one. Raises OSError when the server cannot be reached."""
        while not fresh and (found := self._pop(place)) is not None:
            if time.monotonic() - found.idle_since < IDLE_SECONDS and not _has_something(found.sock):
                found.reused = True
                return found
            found.close()
        return Connection(place, _opened(place))

    def give_back(self, connection: Connection) -> None:
        """Keep it for the next call, where both sides are done with this one."""
        connection.idle_since = time.monotonic()
        with self._lock:
            self._idle.setdefault(connection.place, deque()).append(connection)
            over = [one for idle in self._idle.values() for one in _taken_over(idle, connection.idle_since)]
        for one in over:
            one.close()

    def close(self) -> None:
        """Hang up everywhere; the next call connects anew."""
        with self._lock:
            over, self._idle = [one for idle in self._idle.values() for one in idle], {}
        for one in over:
            one.close()

    def _pop(self, place: Place) -> Connection | None:
        with self._lock:
            if self._owner != os.getpid():
                self._idle, self._owner = {}, os.getpid()
            idle = self._idle.get(place)
            return idle.pop() if idle else None


def goes_through_proxy(url: str) -> bool:
    """Whether the environment sends calls to ``url`` through a proxy (HTTPS_PROXY and its kin, NO_PROXY)."""
    place = Place.of(url)
    return bool(getproxies().get(place.scheme)) and not proxy_bypass(place.host)


def _taken_over(idle: deque[Connection], now: float) -> Iterator[Connection]:
    """Take out what is too old or too many, the longest idle first."""
    while idle and (len(idle) > MOST_IDLE or now - idle[0].idle_since > IDLE_SECONDS):
        yield idle.popleft()


def _has_something(sock: socket.socket) -> bool:
    """Whether an idle connection can be read: then it was closed, or speaks out of turn. Not for use in both cases."""
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _opened(place: Place) -> socket.socket:
    sock = socket.create_connection((place.host, place.port), timeout=CONNECT_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if place.scheme == "http":
        return sock
    try:
        return _tls().wrap_socket(sock, server_hostname=place.host)
    except BaseException:
        sock.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
