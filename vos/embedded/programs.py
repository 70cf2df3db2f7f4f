"""VOS' own processes, each as a command line: web, sockets, worker, scheduler, relay."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vos.embedded.local import ROOT
from vos.embedded.processes import spawn, stop

# Each queue that a task names; a test compares this with the tasks.
QUEUES = ("default", "workflows", "kernel", "approvals", "processes")
LOG_BYTES = 10_000_000
STOP_SECONDS = 10.0


@dataclass
class Program:
    """A child process with a log of its own, started as often as asked."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    death_signal: signal.Signals = signal.SIGKILL
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; its output is appended to the log."""
        rotate(self.log)
        with self.log.open("ab") as log:
            self.process = spawn(
                self.command, log=log, environment=self.environment, folder=ROOT, death_signal=self.death_signal
            )  # fmt: skip

    def ask_to_stop(self) -> None:
        """Send SIGTERM and do not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Wait for the end of a program that was asked to stop; kill it when it takes too long."""
        if self.process is not None:
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            finally:
                stop(self.process)
                self.process = None


def rotate(log: Path) -> None:
    """Keep one old log beside the new one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))


def python(*words: str) -> list[str]:
    """A command line for this environment's Python."""
    return [sys.executable, *words]


def web(environment: Mapping[str, str]) -> list[str]:
    """HTTP. Threads and kill time-out are given because granian once ignored SIGTERM with its defaults."""
    return python(
        "-m", "granian", "vos.wsgi:application", "--interface", "wsgi",
        "--host", environment.get("VOS_BIND", "127.0.0.1"), "--port", environment["VOS_PORT"],
        "--workers", environment.get("VOS_WEB_WORKERS", "1"), "--blocking-threads", "8", "--workers-kill-timeout", "5",
        "--respawn-failed-workers",
    )  # fmt: skip


def sockets(environment: Mapping[str, str]) -> list[str]:
    """WebSockets."""
    return python(
        "-m", "uvicorn", "vos.asgi:application", "--lifespan", "off", "--timeout-graceful-shutdown", "3",
        "--host", environment.get("VOS_BIND", "127.0.0.1"), "--port", environment["VOS_SOCKET_PORT"],
    )  # fmt: skip


def worker(environment: Mapping[str, str]) -> list[str]:
    """Tasks, in threads: a streaming model call holds its worker for as long as it lasts."""
    return python(
        "-m", "celery", "-A", "vos.celery", "worker", "--pool", "threads", "--concurrency", environment.get("VOS_THREADS", "8"),
        "--queues", ",".join(QUEUES), "--loglevel", "INFO", "--without-gossip", "--without-mingle",
    )  # fmt: skip


def scheduler(_environment: Mapping[str, str]) -> list[str]:
    """The standing schedule. Without a pid file: a stale one would keep it from starting."""
    return python("-m", "celery", "-A", "vos.celery", "beat", "--pidfile", "", "--loglevel", "INFO")


def relay(_environment: Mapping[str, str]) -> list[str]:
    """Events from the outbox to streams and subscribers."""
    return python("manage.py", "relay")


# What the main job needs; the scheduler among them, for its sweeper finds work whose wake-up was lost.
WORKING = {"worker": worker, "relay": relay, "scheduler": scheduler}
SERVING = {"web": web, "sockets": sockets}


def make_programs(names: Sequence[str], environment: Mapping[str, str], logs: Path) -> list[Program]:
    """Programs by name, not started yet."""
    commands = WORKING | SERVING
    return [
        Program(
            name=name,
            command=commands[name](environment),
            environment=environment,
            log=logs / f"{name}.log",
            # granian's main process must live long enough to take its workers along.
            death_signal=signal.SIGTERM if name == "web" else signal.SIGKILL,
        )
        for name in names
    ]
