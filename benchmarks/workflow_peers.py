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


def dbos(role: str, url: str) -> Commands:  # noqa: C901 -- one small function for each command
    """DBOS as its guide has it: steps of a workflow one after the other; a queue that executors of two processes take from."""
    import psycopg
    from dbos import DBOS, SetWorkflowID

    names = {"name": "bench", "executor_id": role, "application_version": "1"}
    DBOS(config={**names, "system_database_url": url, "log_level": "ERROR"})

    @DBOS.step()
    def nothing(number: int) -> int:
        return number

    @DBOS.workflow()
    def steps(count: int) -> int:
        return sum(nothing(number) for number in range(count))

    if role == "client":
        DBOS.listen_queues([])
    DBOS.launch()
    # Sooner than its default of a second, so that no time is lost waiting.
    DBOS.register_queue("bench", polling_interval_sec=0.05)

    def one(count: int) -> float:
        began = time.perf_counter()
        steps(count)
        return time.perf_counter() - began

    def queued(count: int) -> int:
        for number in range(count):
            with SetWorkflowID(f"queued-{time.time_ns()}-{number}"):
                DBOS.enqueue_workflow("bench", steps, STEPS)
        return count

    def left(_nothing: int) -> int:
        return int(ask("SELECT count(*) FROM dbos.workflow_status WHERE queue_name = 'bench' AND status <> 'SUCCESS'"))

    def span(_nothing: int) -> float:
        """Seconds from the first that a worker took to the last that was done."""
        times = "max(updated_at) - min(started_at_epoch_ms)"
        return float(ask(f"SELECT {times} FROM dbos.workflow_status WHERE queue_name = 'bench'")) / 1e3  # noqa: S608

    def ask(question: str) -> Any:
        with psycopg.connect(url) as connection:
            row = connection.execute(question).fetchone()
        return row[0] if row else 0

    return {"steps": one, "queue": queued, "left": left, "span": span}


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
