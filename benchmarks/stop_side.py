"""Both sides of ``benchmarks.approvals_stop`` in processes of their own: who presses the button, and the workers that stream.

``python -m benchmarks.stop_side PORT`` answers commands. Workers are Celery's, started with ``-A benchmarks.stop_side``: the
product's own, with one program more, which asks the gateway for an answer that does not end. Times are on the clock that all
processes of the machine share.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import django

from benchmarks.workflow_peers import answer

django.setup()

from django.conf import settings  # noqa: E402 -- models exist only once Django is set up
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django_tenants.utils import schema_context  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402
from redis import Redis  # noqa: E402

from kernel.events.relay import relay_once  # noqa: E402
from kernel.llm.messages import Delta  # noqa: E402
from kernel.llm.models import ModelDeployment  # noqa: E402
from kernel.llm.services import complete  # noqa: E402
from kernel.processes.models import Process  # noqa: E402
from kernel.processes.programs import ProgramRun, register_program  # noqa: E402
from kernel.processes.services import process_ready, process_start  # noqa: E402
from kernel.stops import services  # noqa: E402
from kernel.stops.checks import Stopped  # noqa: E402
from kernel.stops.models import Stop  # noqa: E402
from kernel.stops.services import stop_release, stop_set  # noqa: E402
from tenants.models import User  # noqa: E402
from vos.celery import app  # noqa: E402
from vos.operations.tasks import sweep  # noqa: E402

__all__ = ["app"]

DATABASE, SCHEMA, PROGRAM, AGENT = "bench", "acme", "bench.stream", "bench"
STREAMING, LAST, ENDED = "bench:streaming", "bench:last", "bench:ended"
LONGEST_SECONDS = 300.0
_valkey = Redis.from_url(settings.REDIS_URL)


def stream(run: ProgramRun) -> Mapping[str, Any]:
    """Read an answer that does not end, and note when its last piece was heard and when the call was over."""
    last = [0.0]

    def heard(_piece: Delta) -> None:
        if not last[0]:
            _valkey.incr(STREAMING)
        last[0] = time.monotonic()

    try:
        complete(
            prompt=str(run.process.pk), scopes=(f"agent:{AGENT}",), process=str(run.process.pk), on_delta=heard,
            interrupted=run.interrupted, shared=False, wait_seconds=LONGEST_SECONDS,
        )  # fmt: skip
    except Stopped:
        _valkey.rpush(LAST, last[0])
        _valkey.rpush(ENDED, time.monotonic())
        raise
    return {}


register_program(PROGRAM, stream)


def begin(count: int) -> int:
    """Have ``count`` streams, at the provider whose port is this program's argument."""
    url = f"http://127.0.0.1:{sys.argv[1]}/v1"
    ModelDeployment.objects.create(
        name="stream", model="openai/stream", api_base=url, max_concurrency=count, max_output_tokens=100_000,
        timeout_seconds=600, continues="prefix",
    )  # fmt: skip
    for name in ("olga", "omar"):
        User.objects.create_superuser(f"{name}@bench.example", None, name=name.title())
    with schema_context(SCHEMA):
        for _number in range(count):
            process_ready(process=process_start(agent=f"{AGENT}@1.0.0", inputs={}, actor="system", program=PROGRAM))
    return count


def streaming(count: int) -> int:
    """Wait until all of them have heard something and go on hearing."""
    _wait(lambda: int(_valkey.get(STREAMING) or 0) >= count)  # type: ignore[arg-type]
    time.sleep(1)
    return count


def seen() -> list[Any]:
    """How the processes stand; for the message where something does not come to pass."""
    with schema_context(SCHEMA):
        rows = Process.objects.values_list("state", "error").annotate(number=Count("pk")).order_by()
        return list(rows)[:10]


def stop(count: int) -> tuple[float, float]:
    """Press the button; seconds from then to the last piece that any stream heard, and to the end of the last call."""
    _valkey.delete(STREAMING, LAST, ENDED)
    pressed = time.monotonic()
    stop_set(kind="agent", key=AGENT, schema_name="", reason="A benchmark.", actor=_operator("olga"))
    _wait(lambda: _valkey.llen(ENDED) >= count)  # type: ignore[operator]
    last, ended = (max(map(float, _valkey.lrange(key, 0, -1))) for key in (LAST, ENDED))  # type: ignore[arg-type]
    return last - pressed, ended - pressed


def stop_unheard(count: int) -> tuple[float, float]:
    """The same where no worker hears a message: each finds the stop in Postgres by itself."""
    told, services.nudge = services.nudge, lambda: None
    try:
        return stop(count)
    finally:
        services.nudge = told


def release(count: int) -> int:
    """Both people release it, and the relay tells of it: the streams go on."""
    # What is put back later than the release waits for the sweeper.
    _wait(lambda: not _running())
    for name in ("olga", "omar"):
        stop_release(stop=Stop.objects.get(released_at=None), reason="The next round.", actor=_operator(name))
    while relay_once(None):
        pass
    return count


def _running() -> bool:
    with schema_context(SCHEMA):
        return Process.objects.exclude(state="ready").exists()


def _operator(name: str) -> str:
    return f"operator:{User.objects.get(email=f'{name}@bench.example').pk}"


def _wait(is_true: Callable[[], bool]) -> None:
    end, next_sweep = time.monotonic() + LONGEST_SECONDS, time.monotonic() + 5
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError(f"The workers did not get it done: {seen()}")
        if time.monotonic() >= next_sweep:
            sweep()  # as the scheduler has it done in the product
            next_sweep = time.monotonic() + 5
        time.sleep(0.02)


def main() -> None:
    """Make the database, then answer until the input ends."""
    from tests.databases import database_make  # only this side's first process makes it

    database_make(DATABASE)
    os.environ["DATABASE_URL"] = make_conninfo(os.environ["DATABASE_URL"], dbname=DATABASE)
    commands: dict[str, Callable[[int], Any]] = {
        "begin": begin, "streaming": streaming, "stop": stop, "stop_unheard": stop_unheard, "release": release,
    }  # fmt: skip
    answer("ready")
    for line in sys.stdin:
        name, number = line.split()
        answer(commands[name](int(number)))
    connection.close()


if __name__ == "__main__":
    main()
