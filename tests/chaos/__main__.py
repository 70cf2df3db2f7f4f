"""``make chaos``: a storm over servers of its own, and what is wrong afterwards. Exit status 0 when nothing is."""

import argparse
import os
import random
import sys
import time
from decimal import Decimal
from pathlib import Path

from tests.chaos.servers import NotSynced, storm_servers
from vos.embedded.valkey import Valkey


def main() -> int:
    """Run one storm."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--processes", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--threads", type=int, default=4, help="of each worker")
    parser.add_argument("--seconds", type=float, default=600, help="bound of the storm, and of the calm after it")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--cluster", type=Path, default=None, help="a folder through which storms share a made cluster")
    options = parser.parse_args()
    with storm_servers(options.cluster) as (postgres, valkey, folder):
        return _storm(postgres, valkey, folder, options)


def _storm(postgres: NotSynced, valkey: Valkey, folder: Path, options: argparse.Namespace) -> int:
    _made()
    from django.db import connection

    from tests.chaos.findings import findings
    from tests.chaos.storm import SCHEMA, Storm

    seed = random.randrange(10**6) if options.seed is None else options.seed
    storm = Storm(
        postgres, valkey, options.processes, options.workers, options.threads, options.seconds, random.Random(seed),
        folder / "workers.log", tell=_tell,
    )  # fmt: skip
    began = time.monotonic()
    storm.rage()
    raged = time.monotonic() - began
    wrong = findings(SCHEMA, valkey.url)
    strikes = ", ".join(f"{n} × {what}" for what, n in storm.done.items())
    _tell(f"seed {seed}: {options.processes} processes, {raged:.1f} s; {strikes}")
    _tell(_ends(SCHEMA))
    connection.close()
    for sentence in wrong:
        _tell(f"WRONG: {sentence}")
    _tell(
        "nothing is wrong" if not wrong else f"{len(wrong)} things are wrong; the workers said:\n{_tail(folder / 'workers.log')}"
    )
    return 1 if wrong else 0


def _made() -> None:
    """A database of the storm's own, its program, and budgets that are never used up."""
    import django  # its settings read the environment that was just made

    django.setup()
    from django.db import connection
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from kernel.budgets.models import Budget
    from tests.chaos.program import install
    from tests.chaos.storm import SCHEMA
    from tests.databases import database_make

    database_make("chaos")
    os.environ["DATABASE_URL"] = make_conninfo(os.environ["DATABASE_URL"], dbname="chaos")
    assert conninfo_to_dict(os.environ["DATABASE_URL"])["dbname"] == connection.settings_dict["NAME"]
    install()
    for scope in ("tenant", "agent:chaos"):
        Budget.objects.create(schema_name=SCHEMA, scope=scope, window="total", limit_tokens=10**9, limit_money=Decimal(10**6))


def _ends(schema: str) -> str:
    """How the processes ended, in words."""
    from django_tenants.utils import schema_context

    from kernel.processes.models import Process

    with schema_context(schema):
        states = list(Process.objects.values_list("state", flat=True))
        adopted = sum(fence - 1 for fence in Process.objects.filter(fence__gt=1).values_list("fence", flat=True))
    return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))) + f"; taken up again {adopted} times"


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-120:]) if log.exists() else "nothing"


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
