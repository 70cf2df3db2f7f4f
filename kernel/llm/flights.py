"""Single flight: of several who ask the same at the same time, in whatever workers, one calls and all get its answer.

Whoever joins first leads, on a lease that a thread renews; the others wait on a list of their own, into which the leader puts the
outcome, and hear its answer in pieces meanwhile (``pieces``). A leader that dies loses its lease, and the first follower to look
leads. A follower that goes away leaves nothing behind but its name in a set that expires. Kept answers (``answer``) are looked up
by the same script, so that nobody misses the one that was written a moment ago.
"""

import json
import os
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from redis.exceptions import RedisError

from kernel.llm.pieces import END, Following, pieces_key
from kernel.llm.valkey import client, key, run

LEASE_MS = 8_000
RENEW_SECONDS = 2.0
# How long a follower sleeps before it looks whether the leader lives and whether its own caller still wants the answer.
TICK_SECONDS = 0.5
_HANDED_SECONDS = 30
# The renewing thread outlives its last flight by so long: starting one costs more than a short call's other parts.
_LINGER_SECONDS = 30.0

_JOIN = """
local kept = redis.call('GET', KEYS[1])
if kept then return {'kept', kept} end
local leader = redis.call('GET', KEYS[2])
if leader and leader ~= ARGV[1] then
  redis.call('SADD', KEYS[3], ARGV[1])
  redis.call('EXPIRE', KEYS[3], 3600)
  return {'follow', leader}
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('SREM', KEYS[3], ARGV[1])
return {'lead', ''}
"""

_LAND = """
if tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
local followers = redis.call('SMEMBERS', KEYS[3])
redis.call('DEL', KEYS[3])
for _, follower in ipairs(followers) do
  redis.call('RPUSH', ARGV[4] .. follower, ARGV[2])
  redis.call('EXPIRE', ARGV[4] .. follower, ARGV[5])
end
if #followers > 0 then
  redis.call('XADD', ARGV[6], '*', ARGV[7], '1')
  redis.call('EXPIRE', ARGV[6], ARGV[5])
else
  redis.call('DEL', ARGV[6])
end
return #followers
"""

_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"


@dataclass(frozen=True)
class Outcome:
    """What a flight brought: an answer, an error that everybody would get, or neither (``again``: somebody else must lead)."""

    kind: Literal["answer", "error", "again"]
    text: str = ""
    deployment: str = ""
    model: str = ""
    error: str = ""

    def packed(self) -> str:
        """As it lies in Valkey."""
        return json.dumps(vars(self))

    @classmethod
    def unpacked(cls, packed: bytes | str) -> "Outcome":
        """What ``packed`` says; "again" for what another version of this code wrote."""
        try:
            return cls(**json.loads(packed))
        except (ValueError, TypeError):
            return cls("again")


@dataclass
class Flight:
    """One caller's part in the flight called ``name``, which tells tenant and content; ``leader`` is who leads, by its token."""

    name: str
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    leader: str = ""

    def join(self) -> Outcome | Literal["lead", "follow"]:
        """Lead, follow, or take what is kept. Raises RedisError."""
        keys = [key("answer", self.name), *self._keys]
        what, packed = run(_JOIN, keys, [self.token, LEASE_MS])
        match what:
            case b"kept":
                return Outcome.unpacked(packed)
            case b"lead":
                self.leader = self.token
                _keeper.keep(self._keys[0], self.token)
                return "lead"
            case _:
                self.leader = packed.decode()
                return "follow"

    def wait(self, following: Following | None = None) -> Outcome | None:
        """What the leader brought, if it brings something within a tick; ``following`` hears what it says meanwhile.

        Raises RedisError, and what its caller raises at a piece.
        """
        landed = key("landed", self.token)
        if following and not following.listen(self.leader, TICK_SECONDS):
            handed: Any = client().lpop(landed)  # also of a leader that tells no pieces
        else:
            _, handed = client().blpop([landed], timeout=TICK_SECONDS) or (None, None)
        return Outcome.unpacked(handed) if handed else None

    def land(self, outcome: Outcome, *, keep_seconds: int = 0) -> None:
        """As the leader: hand the outcome to all who follow, and keep it for those who come later.

        Without Valkey nobody gets it; the followers notice that the lease is gone.
        """
        _keeper.drop(self._keys[0])
        about: list[Any] = [self.token, outcome.packed(), keep_seconds * 1000, key("landed", ""), _HANDED_SECONDS]
        about += [pieces_key(self.token), END]
        try:
            run(_LAND, [key("answer", self.name), *self._keys], about)
        except RedisError:
            return

    @property
    def _keys(self) -> list[str]:
        return [key("flight", self.name), key("followers", self.name)]


class _Keeper:
    """Renews the leases of the flights that this process leads. A forked child starts a thread of its own."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._owner = os.getpid()

    def keep(self, name: str, token: str) -> None:
        with self._changed:
            if self._owner != os.getpid():
                self._held, self._owner = {}, os.getpid()
            self._held[name] = token
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="single-flights", daemon=True)
                self._thread.start()

    def drop(self, name: str) -> None:
        with self._changed:
            self._held.pop(name, None)

    def _run(self) -> None:
        last_used = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait(RENEW_SECONDS)  # nobody notifies: flights are short, and leases long enough
                held = dict(self._held)
                if not held and time.monotonic() - last_used > _LINGER_SECONDS:
                    self._thread = None
                    return
            last_used = time.monotonic() if held else last_used
            for name, token in held.items():
                try:
                    run(_RENEW, [name], [token, LEASE_MS])
                except RedisError:
                    continue  # the lease still runs, and the next round tries again


_keeper = _Keeper()
