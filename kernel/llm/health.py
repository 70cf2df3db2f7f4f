"""What all workers together know of each deployment: how quick it is, and whether it fails so often that it is left alone.

A circuit breaker per deployment (https://martinfowler.com/bliki/CircuitBreaker.html): after ``FAILURES`` failures in a row it
opens for ``OPEN_SECONDS``; then one call may probe, and closes it or opens it again. Kept in Valkey and changed by one atomic
script; after a flush everybody is taken to be well until it fails again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from redis.exceptions import RedisError

from kernel.llm.errors import AnswerUnreadable, ModelTimedOut, ProviderFailed, ProviderUnreachable, StreamCut
from kernel.llm.valkey import client, key, run

FAILURES = 5
OPEN_SECONDS = 60
# Of the newest call in the mean of how long calls take.
NEWEST_WEIGHT = 0.2
FORGOTTEN_SECONDS = 3600
# How old this process' knowledge may be. Far too short for five failures to pass between two answers that were noted.
FRESH_SECONDS = 0.1

# What says that the server is not well. A limit reached (429) does not: the queue keeps to it.
ILL = (ProviderFailed, ProviderUnreachable, ModelTimedOut, StreamCut, AnswerUnreadable)

type Outcome = Literal["answered", "failed", "unknown"]

_LUA = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until') or '0')
if ARGV[1] == 'claim' then
  if open_until == 0 then return 1 end
  if now < open_until or now < tonumber(redis.call('HGET', KEYS[1], 'probe_until') or '0') then return 0 end
  redis.call('HSET', KEYS[1], 'probe_until', now + ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 1
end
if ARGV[1] == 'answered' then
  redis.call('HDEL', KEYS[1], 'failures', 'open_until', 'probe_until')
  local known = tonumber(redis.call('HGET', KEYS[1], 'took_ms') or ARGV[2])
  redis.call('HSET', KEYS[1], 'took_ms', known + (ARGV[2] - known) * ARGV[5])
elseif ARGV[1] == 'failed' then
  local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  redis.call('HDEL', KEYS[1], 'probe_until')
  if failures >= tonumber(ARGV[4]) then redis.call('HSET', KEYS[1], 'open_until', now + ARGV[6]) end
else
  redis.call('HDEL', KEYS[1], 'probe_until')
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 0
"""


@dataclass(frozen=True)
class Health:
    """``open_seconds`` is how long no call goes there, ``seconds`` how long calls take (None: nobody knows yet)."""

    name: Literal["closed", "open", "probing", "unknown"] = "unknown"
    open_seconds: float = 0.0
    seconds: float | None = None

    @property
    def takes_calls(self) -> bool:
        """Whether it may be asked; who wants to must ``claim`` where it is not closed."""
        return self.name in {"closed", "unknown"} or (self.name == "probing" and not self.open_seconds)

    @property
    def text(self) -> str:
        """For people."""
        took = "" if self.seconds is None else f", {self.seconds:.1f} s a call"
        match self.name:
            case "open":
                return f"left alone for {self.open_seconds:.0f} s"
            case "probing":
                return "one call probes"
            case "closed":
                return f"well{took}"
            case _:
                return "not asked of late"


_seen: dict[int, tuple[float, Health]] = {}
_noted: dict[int, float] = {}


def health_of(deployments: Sequence[int]) -> dict[int, Health]:
    """The health of each, of now. Without Valkey nobody is known to be ill."""
    pipeline = client().pipeline(transaction=False)
    pipeline.time()
    for pk in deployments:
        pipeline.hmget(key("health", pk), ["failures", "open_until", "probe_until", "took_ms"])
    try:
        (seconds, micros), *rows = pipeline.execute()
    except RedisError:
        return dict.fromkeys(deployments, Health())
    now = seconds * 1000 + micros // 1000
    return {pk: _health([float(part or 0) for part in row], now) for pk, row in zip(deployments, rows, strict=True)}


def health_lately(deployments: Sequence[int]) -> dict[int, Health]:
    """The same, as it was at most ``FRESH_SECONDS`` ago: what a call needs, which notes itself how it went."""
    now, fresh = time.monotonic(), _fresh_seconds()
    known = {pk: seen[1] for pk in deployments if (seen := _seen.get(pk)) and now - seen[0] < fresh}
    missing = [pk for pk in deployments if pk not in known]
    if missing:
        asked = health_of(missing)
        _seen.update({pk: (now, health) for pk, health in asked.items()})
        known |= asked
    return known


def _fresh_seconds() -> float:
    return min(FRESH_SECONDS, getattr(settings, "VOS_GATEWAY_CATALOGUE_SECONDS", FRESH_SECONDS))


def claim(deployment: int, *, probe_seconds: float) -> bool:
    """Whether a call may go there now; where it was ill, only one at a time may, for at most ``probe_seconds``."""
    return bool(_tell(deployment, "claim", probe_seconds * 1000, otherwise=1))


def health_note(deployment: int, error: BaseException | None, *, seconds: float) -> None:
    """Note how a call ended: ``error`` None is an answer that took ``seconds``. Forgotten where Valkey is away.

    Of answers one in ``FRESH_SECONDS`` is noted where nobody thinks the deployment ill: they all say the same.
    """
    outcome, now = outcome_of(error), time.monotonic()
    seen = _seen.get(deployment)
    if outcome == "answered" and seen and seen[1].name == "closed" and now - _noted.get(deployment, 0.0) < _fresh_seconds():
        return
    _noted[deployment] = now
    if outcome != "answered":
        _seen.pop(deployment, None)
    _tell(deployment, outcome, seconds * 1000)


def outcome_of(error: BaseException | None) -> Outcome:
    """What a call's end says of the server's health."""
    if error is None:
        return "answered"
    return "failed" if isinstance(error, ILL) else "unknown"


def _health(row: list[float], now: float) -> Health:
    failures, open_until, probe_until, took = row
    seconds = took / 1000 if took else None
    if open_until > now:
        return Health("open", (open_until - now) / 1000, seconds)
    if open_until:
        return Health("probing", max(probe_until - now, 0) / 1000, seconds)
    return Health("closed" if took or failures else "unknown", 0.0, seconds)


def _tell(deployment: int, what: str, milliseconds: float, *, otherwise: int = 0) -> Any:
    about = [what, round(milliseconds), FORGOTTEN_SECONDS, FAILURES, NEWEST_WEIGHT, OPEN_SECONDS * 1000]
    try:
        return run(_LUA, [key("health", deployment)], about)
    except RedisError:
        return otherwise
