"""The storm: processes at work while their workers, Valkey and Postgres are killed at random."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

import redis
from django.db import DatabaseError, InterfaceError, connection
from django_tenants.utils import schema_context

from kernel.processes.models import Process
from kernel.processes.services import TransitionRefused, process_kill, process_signal
from kernel.processes.transitions import State
from tests.chaos.program import started
from tests.chaos.worker import main as work
from vos.embedded.postgres import Postgres
from vos.embedded.valkey import Valkey

SCHEMA = "acme"
BATCH = 25
SHORTEST_CALM = 90.0  # seconds in which everything must end by itself; on an idle machine it takes a few
TELL_SECONDS = 5.0
_FORKS = get_context("fork")


@dataclass
class Storm:
    """One storm over its own servers. ``seconds`` bounds its strikes (each kind comes once at least), and the calm after."""

    postgres: Postgres
    valkey: Valkey
    processes: int
    workers: int
    threads: int
    seconds: float
    random: random.Random
    log: Path
    left: int = 0
    done: Counter[str] = field(default_factory=Counter)
    crew: list[ForkProcess] = field(default_factory=list)
    tell: Callable[[str], None] = print
    began: float = field(default_factory=time.monotonic)
    told_at: float = 0.0

    def rage(self) -> None:
        """Start everything, break things until most is done or the time is over, then let it calm down."""
        self.crew = [self._hire() for _ in range(self.workers)]
        deadline, self.left = time.monotonic() + self.seconds, self.processes
        strikes = [self.kill_worker, self.drain_worker, self.flush_valkey, self.restart_postgres, self.signal_somebody]
        # Each at least once, then at random: killing workers is the daily business, servers go down now and then.
        plan = [*self.random.sample(strikes, len(strikes)), self.kill_postgres, self.kill_worker]
        while plan or (time.monotonic() < deadline and (self.left or self.alive() > self.processes // 20)):
            self._fill()
            strike = plan.pop(0) if plan else self.random.choices(strikes, weights=[6, 3, 1, 1, 6])[0]
            self._strike(strike)
            self._tell_progress(f"{strike.__name__.replace('_', ' ')}")
            time.sleep(self.random.uniform(0.05, 0.5))
        while self.left:
            self._fill()
            self._tell_progress("starting the rest")
        self._calm()

    def alive(self) -> int:
        """How many have not ended."""
        return self._asked(lambda: Process.objects.filter(ended_at=None).count())

    def kill_worker(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        place = self.random.randrange(len(self.crew))
        self.crew[place].kill()
        self.crew[place].join()
        self.crew[place] = self._hire()

    def drain_worker(self) -> None:
        """SIGTERM: it hands over what it has."""
        place = self.random.randrange(len(self.crew))
        self.done["drained in order" if self._ended(self.crew[place]) else "drained by force"] += 1
        self.crew[place] = self._hire()

    def flush_valkey(self) -> None:
        """Every queue, lease and message is gone."""
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def restart_postgres(self) -> None:
        """An orderly restart, every connection cut."""
        connection.close()
        self.postgres.stop()
        self.postgres.start()

    def kill_postgres(self) -> None:
        """SIGKILL to the postmaster; it recovers from its log."""
        connection.close()
        if self.postgres.process is not None:
            self.postgres.process.kill()
            self.postgres.stop()
        self.postgres.start()

    def signal_somebody(self) -> None:
        """People pause and resume processes, and now and then end one."""

        def send() -> None:
            pids = list(Process.objects.filter(ended_at=None).order_by("?").values_list("pk", flat=True)[:6])
            for pid in pids:
                verb = self.random.choices(("pause", "stop", "kill"), weights=(20, 1, 1))[0]
                self._signal(Process.objects.get(pk=pid), verb)
            for paused in Process.objects.filter(state=State.SUSPENDED.value).order_by("?")[:3]:
                self._signal(paused, "resume")

        self._asked(send)

    def _signal(self, process: Process, verb: str) -> None:
        with suppress(TransitionRefused):  # it ended, or was resumed, a moment ago
            if verb == "kill":
                process_kill(process=process, actor="user:2")
            else:
                process_signal(process=process, signal=verb, actor="user:2")

    def _strike(self, strike: Callable[[], None]) -> None:
        self.done[strike.__name__.replace("_", " ")] += 1
        strike()

    def _fill(self) -> None:
        """Start some more between two strikes, so that the last ones are struck too."""
        number = min(self.left, BATCH)
        self._asked(lambda: [started(3, family=self.random.random() < 0.1) for _ in range(number)])
        self.left -= number

    def _calm(self) -> None:
        """No more strikes: whoever is paused goes on, and everything must come to its end by itself."""
        deadline = time.monotonic() + max(self.seconds, SHORTEST_CALM)
        while self.alive() and time.monotonic() < deadline:
            self._asked(lambda: [self._signal(p, "resume") for p in Process.objects.filter(state=State.SUSPENDED.value)])
            self._tell_progress("calm")
            time.sleep(0.2)
        if self.alive():  # what hangs tells where, into the log
            for worker in self.crew:
                os.kill(worker.pid or 0, signal.SIGUSR1)
            time.sleep(1)
        for worker in self.crew:
            worker.terminate()
        for worker in self.crew:
            self._ended(worker)

    def _tell_progress(self, doing: str) -> None:
        """Now and then; who waits for a long storm wants to see that it moves."""
        seconds = time.monotonic() - self.began
        if seconds - self.told_at < TELL_SECONDS:
            return
        self.told_at = seconds
        started = self.processes - self.left
        self.tell(f"{seconds:5.0f} s: {started} of {self.processes} started, {self.alive()} alive; {doing}")

    def _asked[T](self, question: Callable[[], T]) -> T:
        """The database's answer; it may be on its way up again."""
        for attempt in range(100):
            try:
                with schema_context(SCHEMA):
                    return question()
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(0.1 * min(attempt, 5))
        raise TimeoutError("The database did not come back.")

    def _ended(self, worker: ForkProcess) -> bool:
        """Ask it to end and wait for it; whether it did so in order."""
        worker.terminate()
        worker.join(40)
        if worker.is_alive():
            worker.kill()
            worker.join()
        return worker.exitcode == 0

    def _hire(self) -> ForkProcess:
        connection.close()  # a child must not speak on its parent's connection
        is_ready = _FORKS.Event()
        worker = _FORKS.Process(target=work, args=(SCHEMA, self.threads, self.log, is_ready), daemon=True)
        worker.start()
        is_ready.wait(30)
        return worker
