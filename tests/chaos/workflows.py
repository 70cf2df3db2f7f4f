"""``make chaos``, second part: a storm over workflows, on servers of its own, and what is wrong afterwards. 0 when nothing is."""

import argparse
import os
import random
import sys
import time
from pathlib import Path

from tests.chaos.__main__ import _tail, _tell
from tests.chaos.servers import NotSynced, storm_servers
from vos.embedded.valkey import Valkey


def main() -> int:
    """Run one storm."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--runs", "--processes", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--threads", type=int, default=3, help="of each worker")
    parser.add_argument("--seconds", type=float, default=600, help="bound of the storm, and of the calm after it")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--cluster", type=Path, default=None, help="a folder through which storms share a made cluster")
    options = parser.parse_args()
    with storm_servers(options.cluster) as (postgres, valkey, folder):
        return _storm(postgres, valkey, folder, options)


def _storm(postgres: NotSynced, valkey: Valkey, folder: Path, options: argparse.Namespace) -> int:
    import django  # its settings read the environment that was just made

    django.setup()
    from tests.chaos.workflows_findings import findings
    from tests.chaos.workflows_storm import SCHEMA, WorkflowStorm

    _install(valkey)
    seed = random.randrange(10**6) if options.seed is None else options.seed
    log = folder / "workers.log"
    storm = WorkflowStorm(
        postgres, valkey, options.runs, options.workers, options.threads, options.seconds, random.Random(seed), log, tell=_tell
    )
    began = time.monotonic()
    storm.rage()
    raged = time.monotonic() - began
    wrong = findings(SCHEMA, options.runs)
    _tell(f"seed {seed}: {_summary(SCHEMA, raged)}; " + ", ".join(f"{n} × {w}" for w, n in storm.done.items()))
    for sentence in wrong:
        _tell(f"WRONG: {sentence}")
    _tell("nothing is wrong" if not wrong else f"{len(wrong)} things are wrong; the workers said:\n{_tail(log)}")
    return 1 if wrong else 0


def _install(valkey: Valkey) -> None:
    """A database of its own, and workers that are woken through this Valkey."""
    from psycopg.conninfo import make_conninfo

    from tests.chaos.workflows_program import install
    from tests.databases import database_make

    database_make("chaos")
    os.environ["DATABASE_URL"] = make_conninfo(os.environ["DATABASE_URL"], dbname="chaos")
    install(valkey.url)


def _summary(schema: str, raged: float) -> str:
    """How much was done, and how attempts ended."""
    from django.db import connection
    from django_tenants.utils import schema_context

    from workflows.models import Attempt, Execution

    with schema_context(schema):
        outcomes = list(Attempt.objects.values_list("outcome", flat=True))
        runs = Execution.objects.count()
    connection.close()
    ended = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in sorted(set(outcomes)))
    return f"{runs} runs, children included, {raged:.1f} s; attempts: {ended}"


if __name__ == "__main__":
    sys.exit(main())
