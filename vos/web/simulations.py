"""Simulations that outlast a request: done once for a content, a number of trials and a seed, told while they run, and stopped.

A version's content hash, the trials and the seed decide every figure, so the result is kept in Valkey for an hour and shared
by all web processes. The work is a thread of the process that was asked first; it says every fifth of a second that it lives.
Where it does not, whoever asks next begins again. Nothing else waits for it, and nothing is lost with it.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from kernel.schemas import current_schema
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.risk.limits import RiskError
from valuefabric.selectors.model_risk import RiskPicture, risk_picture

KEPT_SECONDS = 3600
TOLD_SECONDS = 60  # how long a failure or a stop stays known
ALIVE_SECONDS = 10
TELL_EVERY = 0.2
# One at a time in a process: more would take each other's processor.
_turn = threading.Semaphore(1)
# Whoever changes the seed faster than trials are done must not pile up threads.
MOST_WAITING = 8
_places = threading.Semaphore(MOST_WAITING)


@dataclass(frozen=True)
class Asked:
    """What is to be simulated: a document by its hash, how often, from which seed."""

    content_hash: str
    trials: int
    seed: int

    @property
    def key(self) -> str:
        """Where its state is, in this tenant."""
        return f"vos:risk:1:{current_schema()}:{self.content_hash}:{self.trials}:{self.seed}"


@dataclass(frozen=True)
class State:
    """``picture`` when it is done, ``problem`` when it cannot be, ``stopped`` when somebody stopped it; else it runs."""

    done: int = 0
    picture: RiskPicture | None = None
    problem: str = ""
    stopped: bool = False

    @property
    def runs(self) -> bool:
        """Whether to ask again in a moment."""
        return self.picture is None and not self.problem and not self.stopped


class _Stopped(Exception):
    """Somebody asked the work to end."""


def simulation(asked: Asked, document: Callable[[], ModelDocument], *, wait: float, again: bool) -> State:
    """The result if it is known or done within ``wait`` seconds, else how far it is. ``again`` begins what was stopped anew."""
    key = asked.key
    try:
        state = _known(key)
        if again and state is not None and state.stopped:
            _valkey().delete(key)
            state = None
        if state is None:
            state = _begun(key, asked, document)
        until = time.monotonic() + wait
        while state.runs and time.monotonic() < until:
            time.sleep(0.02)
            state = _known(key) or State()
    except redis.RedisError:
        # Nobody can be told of progress without Valkey; the figures are the same.
        return _worked(asked, document(), None)
    return state


def simulation_stop(asked: Asked) -> None:
    """End the work at its next block."""
    _valkey().set(f"{asked.key}:stop", "1", ex=ALIVE_SECONDS)


def _begun(key: str, asked: Asked, document: Callable[[], ModelDocument]) -> State:
    """Begin, unless somebody else just did."""
    if not _places.acquire(blocking=False):
        return State(problem=_("Many simulations wait for their turn already. Ask again in a minute, or for fewer trials."))
    begun = False
    try:
        _valkey().delete(f"{key}:stop")
        if _valkey().set(key, json.dumps({"done": 0}), nx=True, ex=ALIVE_SECONDS):
            # The document is read here: the thread has no connection to the database, and needs none.
            threading.Thread(target=_work, args=(key, asked, document()), name="simulation", daemon=True).start()
            begun = True
    finally:
        if not begun:
            _places.release()
    return State()


def _work(key: str, asked: Asked, document: ModelDocument) -> None:
    """In a thread: wait for a turn, simulate, and keep what came of it."""
    teller = _Teller(key)
    try:
        while not _turn.acquire(timeout=TELL_EVERY):
            teller.tell(0)
        try:
            state = _worked(asked, document, teller.tell)
        finally:
            _turn.release()
        _keep(key, state)
    except _Stopped:
        _keep(key, State(done=teller.done, stopped=True))
    except redis.RedisError:
        return  # whoever asks next sees no sign of life, and begins again
    finally:
        _places.release()


def _worked(asked: Asked, document: ModelDocument, progress: Callable[[int], None] | None) -> State:
    try:
        picture = risk_picture(document, trials=asked.trials, seed=asked.seed, progress=progress)
    except (RiskError, FormulaError) as error:
        return State(problem=str(error))
    return State(done=asked.trials, picture=picture)


class _Teller:
    """Says how far the work is, not oftener than it matters, and asks whether to go on."""

    def __init__(self, key: str) -> None:
        self._key, self._at, self.done = key, 0.0, 0

    def tell(self, done: int) -> None:
        """Raises _Stopped when somebody wants the work to end."""
        self.done = done
        if (now := time.monotonic()) - self._at < TELL_EVERY:
            return
        self._at = now
        if _valkey().get(f"{self._key}:stop"):
            raise _Stopped
        _valkey().set(self._key, json.dumps({"done": done}), ex=ALIVE_SECONDS)


def _keep(key: str, state: State) -> None:
    plain: dict[str, Any] = {"done": state.done, "problem": state.problem, "stopped": state.stopped}
    if state.picture is not None:
        plain["picture"] = asdict(state.picture)
    seconds = KEPT_SECONDS if state.picture is not None else TOLD_SECONDS
    _valkey().set(key, json.dumps(plain, default=str), ex=seconds)


def _known(key: str) -> State | None:
    text = _valkey().get(key)
    if not isinstance(text, bytes):
        return None
    plain = json.loads(text)
    picture = _picture(plain["picture"]) if plain.get("picture") else None
    return State(plain["done"], picture, plain.get("problem", ""), plain.get("stopped", False))


def _picture(plain: Mapping[str, Any]) -> RiskPicture:
    return RiskPicture(
        trials=plain["trials"],
        seed=plain["seed"],
        edges=_decimals(plain["edges"]),
        counts=tuple(plain["counts"]),
        outside=plain["outside"],
        percentiles={int(share): Decimal(value) for share, value in plain["percentiles"].items()},
        above_zero=Decimal(plain["above_zero"]),
        paid_back=_decimals(plain["paid_back"]),
        drawn=tuple((label, kind) for label, kind in plain["drawn"]),
    )


def _decimals(texts: list[str]) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


@lru_cache(maxsize=1)
def _valkey() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)
