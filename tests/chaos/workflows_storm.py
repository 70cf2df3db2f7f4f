"""The storm over workflows: workers killed all the time, Valkey flushed twice, Postgres restarted, people pausing runs."""

import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from django_tenants.utils import schema_context
from redis import Redis

from kernel.processes.draining import drain, is_draining
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR
from tests.chaos.storm import _FORKS, BATCH, SHORTEST_CALM, Storm
from tests.chaos.workflows_program import LENGTH, started, woken
from workflows.models import Execution
from workflows.services import execution_pause, execution_resume, steps_run
from workflows.services.due import STEP_WORK
from workflows.states import ExecutionState, IllegalTransition

SCHEMA = "acme"


class WorkflowStorm(Storm):
    """As the storm of processes; ``processes`` are runs of workflows."""

    def rage(self) -> None:
        """Start everything, break things until most is done or the time is over, then let it calm down."""
        deadline, self.left = time.monotonic() + self.seconds, self.processes
        while self.left > self.processes // 2:  # so that strikes hit workers that have enough to do
            self._fill()
            self._tell_progress("starting the first half")
        self.crew = [self._hire() for _ in range(self.workers)]
        plan = [self.kill_worker, self.flush_valkey, self.drain_worker, self.restart_postgres, self.signal_somebody]
        plan += [self.kill_worker, self.flush_valkey, self.kill_worker]
        usual = [self.kill_worker, self.drain_worker, self.signal_somebody]
        while plan or (time.monotonic() < deadline and (self.left or self.alive() > self.processes // 20)):
            self._fill()
            strike = plan.pop(0) if plan else self.random.choices(usual, weights=[6, 2, 2])[0]
            self._strike(strike)
            self._tell_progress(strike.__name__.replace("_", " "))
            time.sleep(self.random.uniform(0.1, 1.0))
        while self.left:
            self._fill()
            self._tell_progress("starting the rest")
        self._calm()

    def alive(self) -> int:
        """How many runs, their children too, are not completed."""
        return self._asked(lambda: Execution.objects.exclude(state=ExecutionState.COMPLETED.value).count())

    def signal_somebody(self) -> None:
        """People pause runs, and let others go on."""

        def send() -> None:
            open_runs = Execution.objects.filter(parent_step=None, state=ExecutionState.RUNNING.value).order_by("?")
            for run in open_runs[:5]:
                with suppress(IllegalTransition):  # it was over a moment ago
                    execution_pause(execution=run, actor=SYSTEM_ACTOR)
            self._resume(3)

        self._asked(send)

    def _resume(self, most: int) -> None:
        for run in Execution.objects.filter(parent_step=None).exclude(paused_at=None).order_by("?")[:most]:
            execution_resume(execution=run, actor=SYSTEM_ACTOR)

    def _fill(self) -> None:
        """Each in a transaction of its own, and counted when it is there: a restart may cut the batch."""
        for _ in range(min(self.left, BATCH)):
            family = self.random.random() < 0.1
            self._asked(lambda family=family: started(family=family))
            self.left -= 1

    def _calm(self) -> None:
        """No more strikes: whoever is paused goes on, and everything must come to its end by itself."""
        deadline = time.monotonic() + max(self.seconds, SHORTEST_CALM)
        while self.alive() and time.monotonic() < deadline:
            self._asked(lambda: self._resume(1000))
            self._tell_progress("calm")
            time.sleep(0.2)
        for worker in self.crew:
            worker.terminate()
        for worker in self.crew:
            self._ended(worker)

    def _hire(self) -> ForkProcess:
        connection.close()  # a child must not speak on its parent's connection
        is_ready = _FORKS.Event()
        arguments = (self.valkey.url, self.threads, self.log, is_ready)
        worker = _FORKS.Process(target=work, args=arguments, daemon=True)
        worker.start()
        is_ready.wait(30)
        return worker


def work(url: str, threads: int, log: Path, is_ready: Any) -> None:
    """One worker: it works until told to end, or until the driver is gone."""
    driver = os.getppid()
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), sys.stdout.fileno())
        os.dup2(stream.fileno(), sys.stderr.fileno())
    logging.disable(logging.CRITICAL)  # thousands of wanted failures
    signal.signal(signal.SIGTERM, lambda *_: drain())
    is_ready.set()
    hands = [threading.Thread(target=_work, args=(url, number, driver)) for number in range(threads)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _work(url: str, number: int, driver: int) -> None:
    worker, client = f"chaos:{os.getpid()}:{number}", Redis.from_url(url, socket_timeout=2)
    while not is_draining() and os.getppid() == driver:
        step = woken(client)
        try:
            with schema_context(SCHEMA):
                for step_id in [step] if step else _overdue():
                    steps_run(step_id=step_id, worker=worker, length=LENGTH)
        except (DatabaseError, InterfaceError):
            with suppress(DatabaseError, InterfaceError):
                connection.close()
            time.sleep(0.1)
    connection.close()


def _overdue() -> list[int]:
    """What the sweeper would find."""
    due = DueWork.objects.filter(schema_name=SCHEMA, kind=STEP_WORK, due_at__lte=timezone.now()).order_by("?")
    return [int(reference) for reference in due.values_list("reference", flat=True)[:5]]
