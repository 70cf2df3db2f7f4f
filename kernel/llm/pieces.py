"""A single flight's answer in pieces: what its leader hears, its followers hear, whenever they came and in whatever worker.

The leader writes into a stream in Valkey, some twenty times a second; a follower reads that from its beginning and goes on with
it as it grows. Each entry says at which character of which attempt it begins, so nothing is heard twice or out of order. Who
finds a gap (Valkey was emptied, or the answer is longer than what is kept here) hears the rest with the outcome.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from kernel.llm.messages import Delta, OnDelta
from kernel.llm.valkey import client, key

FLUSH_SECONDS = 0.05
LARGEST = 256_000
# After the last piece; longer than a provider may be silent, or a late follower would miss the beginning.
KEPT_SECONDS = 900
_BEGINNING = "0-0"
# The field of the entry that says: the outcome is there.
END = "end"


def pieces_key(leader: str) -> str:
    """Where the flight that ``leader`` (its token) leads is heard."""
    return key("pieces", leader)


@dataclass
class Telling:
    """The leader's side: hears the answer, and writes down what it heard."""

    leader: str
    _attempt: int = 0
    _said: int = 0
    _all_said: int = 0
    _pending: list[str] = field(default_factory=list)
    _due: float = 0.0

    def hear(self, delta: Delta) -> None:
        """One piece; told with the next ones if the last telling was a moment ago."""
        if delta.attempt != self._attempt:
            self.flush()
            self._attempt, self._said = delta.attempt, 0
        self._pending.append(delta.text)
        self.flush_due()

    def flush_due(self) -> None:
        """Tell what has come, unless the last telling was a moment ago. Also to be called while the provider is silent."""
        if self._pending and time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Tell what has come. Without Valkey nobody hears it before the end."""
        text = "".join(self._pending)
        self._pending.clear()
        if not text:
            return
        entry: dict[Any, Any] = {"attempt": self._attempt, "at": self._said, "text": text}
        self._said += len(text)
        self._all_said += len(text)
        self._due = time.monotonic() + FLUSH_SECONDS
        if self._all_said > LARGEST:
            return
        try:
            pipeline = client().pipeline(transaction=False)
            pipeline.xadd(pieces_key(self.leader), entry)
            pipeline.expire(pieces_key(self.leader), KEPT_SECONDS)
            pipeline.execute()
        except RedisError:
            return


@dataclass
class Following:
    """A follower's side: tells its caller what leaders tell, one after the other if they die.

    ``check`` may raise to end that. ``attempt`` is the last one that the caller has heard something of, by its own count.
    """

    on_delta: OnDelta
    check: Callable[[], None] = lambda: None
    attempt: int = 0
    _heard: str = ""
    _leader: str = ""
    _read_to: str = _BEGINNING
    # What the attempts of this leader are counted from.
    _before: int = 0

    def listen(self, leader: str, seconds: float) -> bool:
        """Tell the caller what comes from ``leader`` within so many seconds; whether the outcome has come. Raises RedisError."""
        if leader != self._leader:
            self._leader, self._read_to, self._before = leader, _BEGINNING, self.attempt
        found: Any = client().xread({pieces_key(leader): self._read_to}, block=max(round(seconds * 1000), 1))
        for entry, fields in _entries(found):
            self._read_to = entry
            if END.encode() in fields:
                return True
            self.check()
            self._hear(int(fields[b"attempt"]) + self._before, int(fields[b"at"]), fields[b"text"].decode())
        return False

    def lead(self, delta: Delta) -> None:
        """A piece of one's own answer, after whoever was followed has died: another attempt."""
        self.on_delta(Delta(delta.text, delta.attempt + self.attempt))

    def finish(self, text: str) -> None:
        """The whole answer is ``text``: tell what was not heard of it."""
        if not text.startswith(self._heard):
            self.attempt, self._heard = self.attempt + 1, ""
        if rest := text[len(self._heard) :]:
            self._tell(max(self.attempt, 1), rest)

    def _hear(self, attempt: int, at: int, text: str) -> None:
        heard = self._heard if attempt == self.attempt else ""
        # What belongs to an attempt that was given up, or comes after a gap, is not told.
        if attempt >= self.attempt and at <= len(heard) and (new := text[len(heard) - at :]):
            self._tell(attempt, new)

    def _tell(self, attempt: int, text: str) -> None:
        self._heard = (self._heard if attempt == self.attempt else "") + text
        self.attempt = attempt
        self.on_delta(Delta(text, attempt))


def _entries(found: Any) -> list[tuple[str, dict[bytes, bytes]]]:
    """Those of the one stream that was read; the protocol's versions shape the answer in two ways."""
    streams = found.values() if isinstance(found, dict) else [entries for _, entries in found or ()]
    flat = [entry for entries in streams for entry in (entries[0] if isinstance(found, dict) else entries)]
    return [(entry.decode(), fields) for entry, fields in flat]
