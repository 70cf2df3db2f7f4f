"""Our side of ``benchmarks.workflows``, in processes of its own: steps that do nothing, on the engine as the product runs it.

``python -m benchmarks.workflow_ours`` answers commands as ``workflow_peers`` does, over ``DATABASE_URL`` and ``REDIS_URL``.
Workers are Celery's, started with ``-A benchmarks.workflow_ours``: the product's own, which know one function more.
"""

import os
import sys
import time
from typing import Any

import django

from benchmarks.workflow_peers import STEPS, Commands, answer

django.setup()

from django.db import connection  # noqa: E402 -- models exist only once Django is set up
from django.db.models import Max, Min  # noqa: E402
from django_tenants.utils import schema_context  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from tenants.actors import SYSTEM_ACTOR  # noqa: E402
from vos.celery import app  # noqa: E402
from workflows.definition import Definition, definition_read  # noqa: E402
from workflows.models import Attempt, Execution, Step  # noqa: E402
from workflows.services import execution_start, signal_send, steps_run  # noqa: E402
from workflows.states import ExecutionState, StepState  # noqa: E402
from workflows.steps.functions import StepFunction, register_function  # noqa: E402

__all__ = ["app"]

DATABASE, SCHEMA = "bench", "acme"
LONGEST_SECONDS = 180.0
register_function(StepFunction("bench.nothing", commit=lambda _run, _prepared: {"number": 1}))


def definition(name: str, steps: str, inputs: str = "{}") -> Definition:
    """A definition of these steps."""
    head = f"format: vos.workflow/1\nname: {name}\nversion: 1.0.0\ntitle: Benchmark\ninputs: {inputs}\nsteps:\n"
    return definition_read(head + steps)


def chain(count: int) -> Definition:
    """Steps one after the other."""
    ways = [f", next: s{number + 1}" for number in range(count - 1)] + [""]
    lines = (f"  s{number}: {{kind: compute, function: bench.nothing{way}}}\n" for number, way in enumerate(ways))
    return definition("chain", "".join(lines))


FAN = """  fan:
    {kind: map, over: "${inputs.items}", at_once: 100, body: {kind: compute, function: bench.nothing}}
"""
WAITING = """  wait: {kind: wait, signal: go, next: after}
  after: {kind: compute, function: bench.nothing}
"""


def begin(graph: Definition, **inputs: Any) -> Execution:
    """One run, which whoever is woken takes up."""
    return execution_start(definition=graph, inputs=inputs, subject="", actor=SYSTEM_ACTOR)


def steps(count: int) -> float:
    """Seconds for a run of ``count`` steps, from its start to its end, in this one process."""
    graph = chain(count)
    began = time.perf_counter()
    run = begin(graph)
    steps_run(step_id=run.steps.order_by("position").values_list("pk", flat=True)[0], worker="bench", most=count)
    seconds = time.perf_counter() - began
    expect(run, ExecutionState.COMPLETED)
    return seconds


def expect(run: Execution, state: ExecutionState) -> None:
    """Fail unless it is there."""
    run.refresh_from_db()
    if run.state != state:
        raise AssertionError(f"{run} should be {state}")


def queue(count: int) -> int:
    """Start runs of five steps."""
    graph = chain(STEPS)
    for _number in range(count):
        begin(graph)
    return count


def left(_nothing: int) -> int:
    """How many runs are not completed."""
    return Execution.objects.exclude(state=ExecutionState.COMPLETED.value).count()


def span(_nothing: int) -> float:
    """Seconds from the first step that a worker took to the last run that was completed."""
    last = Execution.objects.aggregate(at=Max("ended_at"))["at"]
    return float((last - Attempt.objects.aggregate(at=Min("started_at"))["at"]).total_seconds())


def fan(count: int) -> float:
    """Seconds from the start of a run to the end of its map over ``count`` items."""
    graph = definition("fan", FAN, "{items: {type: list}}")
    began = time.perf_counter()
    run = begin(graph, items=list(range(count)))
    wait(lambda: not Execution.objects.filter(pk=run.pk, state=ExecutionState.RUNNING.value).exists())
    seconds = time.perf_counter() - began
    expect(run, ExecutionState.COMPLETED)
    if run.output["count"] != count:
        raise AssertionError(f"{count} items were given and {run.output['count']} gathered")
    return seconds


def signals(count: int) -> list[float]:
    """Seconds from each signal to the beginning of the step behind the one that waited for it."""
    graph = definition("waiting", WAITING)
    runs = [begin(graph) for _number in range(count)]
    wait(lambda: Step.objects.filter(execution__in=runs, state=StepState.WAITING.value).count() == count)
    sent = {run.pk: signal_send(execution=run, name="go", payload={}, actor=SYSTEM_ACTOR).sent_at for run in runs}
    wait(lambda: not Execution.objects.filter(pk__in=sent, state=ExecutionState.RUNNING.value).exists())
    rows = Attempt.objects.filter(step__execution__in=sent, step__key="after").values_list("step__execution", "started_at")
    return sorted((at - sent[pk]).total_seconds() for pk, at in rows)


def wait(is_true: Any) -> None:
    """Until it is; raises TimeoutError."""
    end = time.monotonic() + LONGEST_SECONDS
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError("The workers did not get it done.")
        time.sleep(0.02)


def main() -> None:
    """Make the database, then answer until the input ends."""
    from tests.databases import database_make  # only this side's first process makes it

    database_make(DATABASE)
    os.environ["DATABASE_URL"] = make_conninfo(os.environ["DATABASE_URL"], dbname=DATABASE)
    commands: Commands = {"steps": steps, "queue": queue, "left": left, "span": span, "fan": fan, "signals": signals}
    answer("ready")
    with schema_context(SCHEMA):
        for line in sys.stdin:
            name, number = line.split()
            answer(commands[name](int(number)))
    connection.close()


if __name__ == "__main__":
    main()
