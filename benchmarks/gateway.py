"""A call through the gateway beside one through litellm's own proxy, before the same stub provider, in turns.

Ours is all that ``complete`` does: route, reserve in Postgres under a budget, wait for a slot in Valkey, call, settle, record.
The proxy has neither database nor budgets; its client is our own bare one on kept connections. One process each.
"""

import logging
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from statistics import median

from django.core.management import call_command
from django.db import connection

from benchmarks.litellm_proxy import proxy
from benchmarks.measuring import Bar, Measured
from kernel.budgets.models import Budget, Reservation, UsageRecord
from kernel.llm.catalogue import forget
from kernel.llm.models import ModelDeployment, ModelGroupPolicy, ModelPrice, ModelRoute
from kernel.llm.openai_client import answer
from kernel.llm.provider import ProviderCall
from kernel.llm.services import complete
from kernel.schemas import current_schema

AT_ONCE = (1, 10, 50)
ROUNDS = 4
ROUND_SECONDS = 2.0
GROUP = "benchmark"
_QUESTION = "What is the value of training for this customer? " * 3

type Times = list[float]


@contextmanager
def _stub() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.stub_provider"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline() if process.stdout else 0)}/v1"
    finally:
        process.communicate(timeout=10)


@contextmanager
def _configured(url: str) -> Iterator[None]:
    """The stub as a deployment with a price, under a budget of whoever runs this. Everything is taken away again."""
    # A checkout in which nothing has run yet has no tables.
    call_command("migrate_schemas", schema_name="public", verbosity=0, interactive=False)
    deployment = ModelDeployment.objects.create(
        name=f"benchmark-{uuid.uuid4().hex[:8]}", group=GROUP, model="openai/stub", api_base=url, max_concurrency=200
    )
    ModelPrice.objects.create(deployment=deployment, prompt=1, completion=10)
    route, _ = ModelRoute.objects.get_or_create(group=GROUP, defaults={"cache_seconds": 60})
    policy, _ = ModelGroupPolicy.objects.get_or_create(group=GROUP, defaults={"queue_share": 100})
    budget = Budget.objects.create(schema_name=current_schema(), scope="agent:benchmark", window="total", limit_tokens=10**12)
    forget()
    # As the proxy, which is told to log errors only.
    logging.getLogger("kernel.llm").setLevel(logging.ERROR)
    try:
        yield
    finally:
        logging.getLogger("kernel.llm").setLevel(logging.NOTSET)
        records = UsageRecord.objects.filter(deployment=deployment.name)
        reservations = list(records.values_list("reservation", flat=True))
        records.delete()
        Reservation.objects.filter(pk__in=reservations).delete()
        for row in (budget, policy, route, deployment):
            row.delete()
        forget()


def _ours() -> None:
    complete(prompt=f"{_QUESTION}{uuid.uuid4()}", group=GROUP, scopes=("agent:benchmark",), max_output_tokens=50)


def _theirs(url: str, key: str) -> Callable[[], None]:
    def ask() -> None:
        message = {"role": "user", "content": f"{_QUESTION}{uuid.uuid4()}"}
        answer(ProviderCall("proxy", "openai/stub", (message,), 50, 30.0, api_base=url, api_key=key))  # type: ignore[arg-type]

    return ask


def _round(ask: Callable[[], None], pool: ThreadPoolExecutor, at_once: int) -> tuple[Times, float]:
    """The times of all calls of one round, and how many a second there were."""
    end = time.perf_counter() + ROUND_SECONDS

    def caller(_: int) -> Times:
        times = []
        while (began := time.perf_counter()) < end:
            ask()
            times.append(time.perf_counter() - began)
        return times

    began = time.perf_counter()
    times = [one for part in pool.map(caller, range(at_once)) for one in part]
    return times, len(times) / (time.perf_counter() - began)


@cache
def _run() -> dict[int, tuple[float, float, float, float]]:
    """For each number of callers: our p50 (ms) and theirs, our rate (1/s) and theirs."""
    with _stub() as provider, proxy(provider) as proxied, _configured(provider):
        return {at_once: _beside(at_once, _theirs(*proxied)) for at_once in AT_ONCE}


def _beside(at_once: int, theirs: Callable[[], None]) -> tuple[float, float, float, float]:
    # Threads of their own for each side: ours keep a connection to Postgres each.
    with ThreadPoolExecutor(at_once) as own_pool, ThreadPoolExecutor(at_once) as other_pool:
        sides = ((_ours, own_pool), (theirs, other_pool))
        for ask, pool in sides:
            _round(ask, pool, at_once)  # warms up
        rounds = [[_round(ask, pool, at_once) for ask, pool in sides] for _ in range(ROUNDS)]
        list(own_pool.map(lambda _: (time.sleep(0.05), connection.close()), range(at_once)))
    p50 = [median(one for both in rounds for one in both[side][0]) * 1000 for side in (0, 1)]
    rate = [median(both[side][1] for both in rounds) for side in (0, 1)]
    return p50[0], p50[1], rate[0], rate[1]


def _time(at_once: int) -> Measured:
    own, other, _, _ = _run()[at_once]
    return Measured(f"gateway call, {at_once} at once, beside litellm's proxy (p50)", own, "ms", other, Bar(0.5))


def _rate(at_once: int) -> Measured:
    _, _, own, other = _run()[at_once]
    work = f"gateway calls a second, {at_once} at once, beside litellm's proxy"
    return Measured(work, own, "/s", other, Bar(2.0, side="at least"))


def one_call() -> Measured:
    """The median time, one after the other."""
    return _time(1)


def one_caller_rate() -> Measured:
    """Calls a second of one caller."""
    return _rate(1)


def ten_calls() -> Measured:
    """The median time with ten callers."""
    return _time(10)


def ten_callers_rate() -> Measured:
    """Calls a second of ten callers."""
    return _rate(10)


def fifty_calls() -> Measured:
    """The median time with fifty callers."""
    return _time(50)


def fifty_callers_rate() -> Measured:
    """Calls a second of fifty callers."""
    return _rate(50)


BENCHMARKS = (one_call, one_caller_rate, ten_calls, ten_callers_rate, fifty_calls, fifty_callers_rate)
