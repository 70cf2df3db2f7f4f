"""Workflows: what durability costs beside DBOS and procrastinate, on one Postgres, in one run.

The other engines live in an environment that uv makes for this benchmark alone. Per step, DBOS asks whether the step was done
and writes its output, in two transactions; procrastinate takes a job and finishes it, in two. We close a step and take the next
in one transaction, which also writes the attempt, an event, an audit record and the list of due work, which the others lack.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from benchmarks.litellm_proxy import uv
from benchmarks.measuring import Bar, Measured
from vos.embedded.postgres import Postgres
from vos.embedded.processes import watchdog
from vos.embedded.valkey import Valkey

PEERS = ("dbos==3.4.0", "procrastinate==3.10.0", "psycopg[binary]>=3.2")
ROOT = Path(__file__).resolve().parents[1]
STEPS, ROUNDS = 50, 7
RUNS, WORKERS, THREADS = 1000, 2, 4
FAN = 1000
SIGNALS, BURST = 40, 40
LONGEST_SECONDS = 600.0


@dataclass
class Side:
    """A process that answers commands, one line each."""

    process: "subprocess.Popen[str]"

    def ask(self, command: str, number: int) -> Any:
        """Its answer. Raises RuntimeError when it has ended instead."""
        if self.process.stdin:
            self.process.stdin.write(f"{command} {number}\n")
            self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        """The next line of it that is an answer."""
        for line in self.process.stdout or ():
            if line.startswith(('"', "[", "{")) or line[:1].isdigit():
                return json.loads(line)
        raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait(30)}")


@dataclass
class Sides:
    """Both servers, and whoever was started over them."""

    url: str
    environment: dict[str, str]
    stack: ExitStack
    log: Path
    started: dict[str, Side] = field(default_factory=dict)

    def ours(self) -> Side:
        """Our side; its database is made with it."""
        return self._side("ours", [sys.executable, "-m", "benchmarks.workflow_ours"], self.environment)

    def dbos(self, role: str = "client") -> Side:
        """DBOS, as the one who starts workflows or as a worker."""
        return self._peer("dbos", role)

    def procrastinate(self) -> Side:
        """procrastinate."""
        return self._peer("procrastinate", "worker")

    def _peer(self, engine: str, role: str) -> Side:
        url = make_conninfo(self.url, dbname=engine)
        if engine == "dbos":  # SQLAlchemy wants an address, not words
            url = self.url.replace("@/vos?", f"@/{engine}?")
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV", "DATABASE_URL"}}
        script = Path(__file__).with_name("workflow_peers.py")
        return self._side(f"{engine} {role}", [str(_python()), str(script), engine, role, url], kept)

    def _side(self, name: str, command: list[str], environment: dict[str, str]) -> Side:
        if name not in self.started:
            process = self._process(command, environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.started[name] = side = Side(process)
            if side.answer() != "ready":
                raise RuntimeError(f"{name} did not begin with being ready")
        return self.started[name]

    def workers(self) -> None:
        """Two Celery workers of ours, which take what waits in the queue."""
        environment = self.environment | {"DATABASE_URL": make_conninfo(self.url, dbname="bench")}
        for number in range(WORKERS):
            command = [sys.executable, "-m", "celery", "-A", "benchmarks.workflow_ours", "worker", "--pool", "threads"]
            command += ["--concurrency", str(THREADS), "--queues", "workflows", "--hostname", f"bench{number}@%h"]
            command += ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
            with self.log.open("ab") as log:
                self._process(command, environment, stdout=log, stderr=log)

    def _process(self, command: list[str], environment: dict[str, str], **options: Any) -> "subprocess.Popen[Any]":
        process = subprocess.Popen(command, env=environment, cwd=ROOT, **options)
        self.stack.callback(_end, process)
        return process


def _end(process: "subprocess.Popen[Any]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@contextmanager
def _sides() -> Iterator[Sides]:
    folder = Path(tempfile.mkdtemp(prefix="vos-w-")).resolve()
    folder.chmod(0o711)  # the servers' account is another one where we are root
    watchdog.remove_at_end(folder)
    postgres, valkey = Postgres(folder), Valkey(folder)
    try:
        with ExitStack() as stack:
            url = postgres.start()
            with psycopg.connect(url, autocommit=True) as connection:
                for name in ("dbos", "procrastinate"):
                    connection.execute(f"CREATE DATABASE {name}")
            environment = os.environ | {
                "DATABASE_URL": url, "REDIS_URL": valkey.start(), "VOS_ENV": "test", "VOS_DATA": str(folder / "data"),
                "DJANGO_SETTINGS_MODULE": "vos.settings", "PYTHONPATH": str(ROOT),
            }  # fmt: skip
            yield Sides(url, environment, stack, folder / "workers.log")
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _python() -> Path:
    """The Python of the peers' environment; made the first time, and kept."""
    home = ROOT / ".data" / "benchmarks" / "workflow-peers"
    python = home / "bin" / "python"
    subprocess.run([uv(), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(home)], check=True)
    subprocess.run([uv(), "pip", "install", "--quiet", "--python", str(python), *PEERS], check=True)
    return python


def durable_step() -> Measured:
    """One step of a run of fifty, beside DBOS's."""
    with _sides() as sides:
        ours, theirs = _in_turns(lambda: sides.ours().ask("steps", STEPS), lambda: sides.dbos().ask("steps", STEPS))
    return Measured("durable step, beside DBOS", ours * 1e3 / STEPS, "ms", theirs * 1e3 / STEPS, Bar(1.0))


def durable_step_and_job() -> Measured:
    """The same beside a job of procrastinate's."""
    with _sides() as sides:
        ours, theirs = _in_turns(lambda: sides.ours().ask("steps", STEPS), lambda: sides.procrastinate().ask("jobs", STEPS))
    return Measured("durable step, beside procrastinate's job", ours * 1e3 / STEPS, "ms", theirs * 1e3 / STEPS, Bar(1.5))


def _in_turns(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float]:
    own, other = list[float](), list[float]()
    for turn in range(ROUNDS + 1):
        pair = ((ours, own), (theirs, other))
        for call, times in pair if turn % 2 else reversed(pair):
            times.append(call())
    return median(own[1:]), median(other[1:])  # the first warms up


def queued_runs() -> Measured:
    """A thousand runs of five steps that wait when two workers begin: each side enqueues first, then its workers start."""
    with _sides() as sides:
        ours = _emptied(sides.ours(), sides.workers)
    with _sides() as sides:
        client = sides.dbos()
        theirs = _emptied(client, lambda: [sides.dbos(f"worker{number}") for number in range(WORKERS)])
    return Measured("queued five-step workflows, 2 workers", ours, "runs/s", theirs, Bar(1.5, side="at least"))


def _emptied(side: Side, start_workers: Callable[[], object]) -> float:
    """Runs per second between the first step taken and the last run done, by the engine's own clock: no start of a worker."""
    side.ask("queue", RUNS)
    start_workers()
    end = time.monotonic() + LONGEST_SECONDS
    while left := side.ask("left", 0):
        if time.monotonic() > end:
            raise TimeoutError(f"{left} runs are not done")
        time.sleep(0.25)
    return RUNS / float(side.ask("span", 0))


def fan_out() -> Measured:
    """A map over a thousand items, from the start of its run to its end."""
    return Measured(f"fan-out and gather of {FAN}", _fans(FAN)[FAN], "s", bar=Bar(10.0, of="figure"))


def fan_out_is_linear() -> Measured:
    """What an item costs among a thousand beside what it costs among two hundred and fifty."""
    times = _fans(FAN // 4, FAN)
    return Measured(
        f"an item of {FAN}, beside one of {FAN // 4}", times[FAN] * 1e3 / FAN, "ms", times[FAN // 4] * 4e3 / FAN, Bar(1.25)
    )


def _fans(*counts: int) -> dict[int, float]:
    with _sides() as sides:
        ours = sides.ours()
        sides.workers()
        ours.ask("fan", 20)  # by then both workers are there
        return {count: median(ours.ask("fan", count) for _ in range(3)) for count in counts}


def signal_to_step() -> Measured:
    """The 95th percentile from sending a signal to the step behind the one that waited for it, one signal after the other."""
    with _sides() as sides:
        ours = _warm(sides)
        seconds = sorted(second for _number in range(SIGNALS) for second in ours.ask("signals", 1))
    return Measured("signal to resumed step, p95", _p95(seconds), "s", bar=Bar(0.5, of="figure"))


def signals_at_once() -> Measured:
    """The same of a burst: what comes last waits for what the two workers do before it."""
    with _sides() as sides:
        seconds = _warm(sides).ask("signals", BURST)
    return Measured(f"the same, {BURST} at once", _p95(seconds), "s", bar=Bar(0.5, of="figure"))


def _warm(sides: Sides) -> Side:
    ours = sides.ours()
    sides.workers()
    ours.ask("fan", 20)  # by then both workers are there
    return ours


def _p95(ascending: list[float]) -> float:
    return ascending[int(len(ascending) * 0.95)]


BENCHMARKS = (durable_step, durable_step_and_job, queued_runs, fan_out, fan_out_is_linear, signal_to_step, signals_at_once)
