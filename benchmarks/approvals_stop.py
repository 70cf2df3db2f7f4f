"""The emergency stop: from the button to the last token of fifty streams on two workers, with servers of its own.

The streams are programs on real Celery workers, each reading an answer through the gateway from a provider that never ends it.
Measured is the worst stream of the worst round. After each round two people release, and the streams go on where they stood.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from psycopg.conninfo import make_conninfo

from benchmarks.measuring import Bar, Measured
from benchmarks.workflows import ROOT, Side, _end
from vos.embedded.postgres import Postgres
from vos.embedded.processes import watchdog
from vos.embedded.valkey import Valkey

STREAMS, WORKERS, ROUNDS = 50, 2, 3


def _worker(number: int) -> list[str]:
    # Room for all in each: a worker takes more messages than it has threads for, and those would wait behind endless streams.
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.stop_side",
        "worker",
        "--pool",
        "threads",
        "--prefetch-multiplier",
    ]
    command += ["1", "--concurrency", str(STREAMS), "--queues", "processes", "--hostname", f"stop{number}@%h"]
    return [*command, "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]


@contextmanager
def _streams() -> Iterator[Side]:
    """Whoever presses the button, when all streams run."""
    folder = Path(tempfile.mkdtemp(prefix="vos-s-")).resolve()
    folder.chmod(0o711)  # the servers' account is another one where we are root
    watchdog.remove_at_end(folder)
    postgres, valkey = Postgres(folder), Valkey(folder)
    try:
        with ExitStack() as stack:
            url = postgres.start()
            environment = os.environ | {
                "DATABASE_URL": url, "REDIS_URL": valkey.start(), "VOS_ENV": "test", "VOS_DATA": str(folder / "data"),
                "DJANGO_SETTINGS_MODULE": "vos.settings", "PYTHONPATH": str(ROOT), "VOS_STOPS_SECONDS": "0.25",
            }  # fmt: skip
            started = _Started(stack, environment, folder / "workers.log")
            port = int(started.begin([sys.executable, "-m", "benchmarks.stream_provider"]).stdout.readline())  # type: ignore[union-attr]
            side = Side(started.begin([sys.executable, "-m", "benchmarks.stop_side", str(port)]))
            if side.answer() != "ready":
                raise RuntimeError("the side did not begin with being ready")
            side.ask("begin", STREAMS)
            started.environment["DATABASE_URL"] = make_conninfo(url, dbname="bench")
            for number in range(WORKERS):
                started.begin(_worker(number), quiet=True)
            try:
                side.ask("streaming", STREAMS)
                yield side
            except RuntimeError as error:
                raise RuntimeError(f"{error} Workers said: {started.log.read_text()[-2000:]}") from error
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


class _Started:
    """Starts processes that end with the stack."""

    def __init__(self, stack: ExitStack, environment: dict[str, str], log: Path) -> None:
        self._stack, self.environment, self.log = stack, environment, log

    def begin(self, command: list[str], *, quiet: bool = False) -> "subprocess.Popen[str]":
        """Its output is read by whoever began it; a quiet one's goes to the log."""
        log = self._stack.enter_context(self.log.open("a"))
        output = {"stdout": log, "stderr": log} if quiet else {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT, text=True, **output)  # type: ignore[call-overload]
        self._stack.callback(_end, process)
        return process  # type: ignore[no-any-return]


@cache
def _measured() -> dict[str, tuple[float, float]]:
    """By the way of telling: seconds to the last token and to the end of the last call, each the worst of all rounds."""
    worst: dict[str, tuple[float, float]] = {}
    with _streams() as side:
        for number in range(2 * ROUNDS):
            way = ("stop", "stop_unheard")[number % 2]
            if number:
                side.ask("release", STREAMS)
                side.ask("streaming", STREAMS)
            token, end = side.ask(way, STREAMS)
            before = worst.get(way, (0.0, 0.0))
            worst[way] = (max(token, before[0]), max(end, before[1]))
    return worst


def stop_to_last_token() -> Measured:
    """The bar's row, as it happens: a message goes round."""
    return Measured(f"emergency stop to the last token, {STREAMS} streams, 2 workers", _measured()["stop"][0], "s", bar=_BAR)


def stop_to_last_token_unheard() -> Measured:
    """No message arrives: Valkey was away, or emptied."""
    return Measured("the same, no worker hears the message", _measured()["stop_unheard"][0], "s", bar=_BAR)


def stop_to_last_settlement() -> Measured:
    """Until each is hung up, settled, and its text kept."""
    return Measured("emergency stop until all are settled and kept", _measured()["stop"][1], "s")


_BAR = Bar(1.0, of="figure")
BENCHMARKS = (stop_to_last_token, stop_to_last_token_unheard, stop_to_last_settlement)
