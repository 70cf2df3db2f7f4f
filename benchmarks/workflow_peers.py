"""The other engines, run by ``benchmarks.workflows`` in an environment of their own. It imports nothing of ours.

``python workflow_peers.py ENGINE ROLE URL`` reads one command a line and answers each with one line of JSON. Steps and jobs do
nothing, as ours do nothing.
"""

# mypy: disable-error-code="import-not-found,untyped-decorator"
# Neither engine is in our environment.

import json
import sys
import time
from collections.abc import Callable
from typing import Any

STEPS = 5
type Commands = dict[str, Callable[[int], Any]]


def dbos(role: str, url: str) -> Commands:
    """DBOS as its guide has it: steps of a workflow one after the other; a queue that executors of two processes take from."""
    from dbos import DBOS

    names = {"name": "bench", "executor_id": role, "application_version": "1"}
    DBOS(config={**names, "system_database_url": url, "log_level": "ERROR"})
    steps = dbos_workflow(DBOS)
    if role == "client":
        DBOS.listen_queues([])
    DBOS.launch()
    # Sooner than its default of a second, so that no time is lost waiting.
    DBOS.register_queue("bench", polling_interval_sec=0.05)
    left = "SELECT count(*) FROM dbos.workflow_status WHERE queue_name = 'bench' AND status <> 'SUCCESS'"
    # Milliseconds from the first that a worker took to the last that was done.
    span = "SELECT max(updated_at) - min(started_at_epoch_ms) FROM dbos.workflow_status WHERE queue_name = 'bench'"
    return {
        "steps": lambda count: timed(steps, count),
        "queue": lambda count: dbos_queued(DBOS, steps, count),
        "left": lambda _nothing: int(ask(url, left)),
        "span": lambda _nothing: float(ask(url, span)) / 1e3,
    }


def dbos_workflow(engine: Any) -> Callable[[int], int]:
    """A workflow of so many steps that do nothing."""

    @engine.step()
    def nothing(number: int) -> int:
        return number

    @engine.workflow()
    def steps(count: int) -> int:
        return sum(nothing(number) for number in range(count))

    return steps  # type: ignore[no-any-return]


def dbos_queued(engine: Any, workflow: Callable[[int], int], count: int) -> int:
    """Enqueue so many workflows of five steps."""
    from dbos import SetWorkflowID

    for number in range(count):
        with SetWorkflowID(f"queued-{time.time_ns()}-{number}"):
            engine.enqueue_workflow("bench", workflow, STEPS)
    return count


def timed(work: Callable[[int], Any], count: int) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    work(count)
    return time.perf_counter() - began


def ask(url: str, question: str) -> Any:
    """The one value that answers it; 0 for none."""
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else 0


def procrastinate(_role: str, url: str) -> Commands:
    """A procrastinate worker that takes one job after the other until the queue is empty."""
    import asyncio

    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name="nothing")
    async def nothing(number: int) -> int:
        return number

    async def run(count: int) -> float:
        async with app.open_async():
            await nothing.batch_defer_async(*({"number": number} for number in range(count)))
            began = time.perf_counter()
            await app.run_worker_async(wait=False, concurrency=1, listen_notify=False, install_signal_handlers=False)
            return time.perf_counter() - began

    async def prepare() -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    asyncio.run(prepare())
    return {"jobs": lambda count: asyncio.run(run(count))}


def main(engine: str, role: str, url: str) -> None:
    """Answer until the input ends."""
    commands = {"dbos": dbos, "procrastinate": procrastinate}[engine](role, url)
    answer("ready")
    for line in sys.stdin:
        name, number = line.split()
        answer(commands[name](int(number)))


def answer(value: Any) -> None:
    """One line to whoever asked."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
