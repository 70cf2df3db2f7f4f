"""Approvals: from a decision to the step that waited for it, and an approver's inbox among very many requests.

The first runs over the product's own relay and two of its workers. The second is the whole page, as the server makes it: session,
rights, inbox, count, rendering. See docs/approvals.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo

from benchmarks.measuring import Bar, Measured
from benchmarks.workflows import ROOT, THREADS, WORKERS, Side, _end, _p95
from vos.embedded.postgres import Postgres
from vos.embedded.processes import watchdog
from vos.embedded.valkey import Valkey

DECISIONS, PAGES, REQUESTS, FEW = 40, 100, 100_000, 100


@contextmanager
def _side(*, workers: int) -> Iterator[Side]:
    """Whoever decides, with so many workers and, if there are any, a relay."""
    folder = Path(tempfile.mkdtemp(prefix="vos-a-")).resolve()
    folder.chmod(0o711)  # the servers' account is another one where we are root
    watchdog.remove_at_end(folder)
    postgres, valkey = Postgres(folder), Valkey(folder)
    try:
        with ExitStack() as stack:
            environment = os.environ | {
                "DATABASE_URL": postgres.start(), "REDIS_URL": valkey.start(), "VOS_ENV": "test",
                "VOS_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "vos.settings", "PYTHONPATH": str(ROOT),
            }  # fmt: skip
            side = Side(
                _begin(stack, ["-m", "benchmarks.approvals_side"], environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            if side.answer() != "ready":
                raise RuntimeError("the side did not begin with being ready")
            environment["DATABASE_URL"] = make_conninfo(environment["DATABASE_URL"], dbname="bench")
            with (folder / "workers.log").open("ab") as log:
                for number in range(workers):
                    _begin(stack, _worker(number), environment, stdout=log, stderr=log)
                if workers:
                    _begin(stack, ["-m", "benchmarks.approvals_side", "relay"], environment, stdout=log, stderr=log)
            yield side
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _worker(number: int) -> list[str]:
    command = ["-m", "celery", "-A", "benchmarks.approvals_side", "worker", "--pool", "threads", "--concurrency", str(THREADS)]
    command += ["--queues", "workflows,default", "--hostname", f"approve{number}@%h"]
    return [*command, "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]


def _begin(stack: ExitStack, words: list[str], environment: dict[str, str], **options: Any) -> "subprocess.Popen[Any]":
    process = subprocess.Popen([sys.executable, *words], env=environment, cwd=ROOT, text=True, **options)
    stack.callback(_end, process)
    return process


def decision_to_step() -> Measured:
    """The 95th percentile from the call that takes the last vote to the beginning of the step behind the approval."""
    with _side(workers=WORKERS) as side:
        side.ask("decisions", 5)  # by then relay and workers are there
        seconds = sorted(side.ask("decisions", DECISIONS))
    return Measured("decision to resumed step, p95", _p95(seconds), "s", bar=Bar(0.5, of="figure"))


def inbox_among_many() -> Measured:
    """The 95th percentile of an approver's inbox among 100,000 requests, a quarter of which waits for them, beside one of 100.

    Raises AssertionError if the many take more queries than the few.
    """
    with _side(workers=0) as side:
        side.ask("fill", FEW)
        few, queries = side.ask("inboxes", PAGES), side.ask("queries", 0)
        side.ask("fill", REQUESTS - FEW)
        many, queries_then = side.ask("inboxes", PAGES), side.ask("queries", 0)
    if queries_then != queries:
        raise AssertionError(f"{queries} queries among {FEW} requests, {queries_then} among {REQUESTS}")
    name = f"inbox among {REQUESTS:,} requests, p95, beside {FEW}"
    return Measured(name, _p95(many) * 1e3, "ms", _p95(few) * 1e3, Bar(50.0, of="figure"))


BENCHMARKS = (decision_to_step, inbox_among_many)
