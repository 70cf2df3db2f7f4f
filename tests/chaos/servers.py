"""A Postgres and a Valkey for one storm, in a folder of their own, with the environment that leads to them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.factories.clusters import cluster_put
from vos.embedded.postgres import Postgres
from vos.embedded.processes import watchdog
from vos.embedded.valkey import Valkey


class NotSynced(Postgres):
    """Killed processes lose nothing that they wrote: the operating system has it, and it is not what is killed here. So nothing
    waits for the disk; commits are as durable as ever otherwise."""

    def _arguments(self) -> list[str]:
        return [*super()._arguments(), "-c", "fsync=off"]


@contextmanager
def storm_servers(shared: Path | None = None) -> Iterator[tuple[NotSynced, Valkey, Path]]:
    """Both, started, and their folder; the settings may be read from then on. Afterwards all of it is gone.

    Who names a ``shared`` folder shares a made cluster with others that do.
    """
    folder = Path(tempfile.mkdtemp(prefix="vos-c-")).resolve()
    folder.chmod(0o711)  # the servers' account is another one where we are root
    watchdog.remove_at_end(folder)
    if shared:
        cluster_put(folder, shared)
    postgres, valkey = NotSynced(folder), Valkey(folder, durable=False)
    try:
        os.environ |= {
            "DATABASE_URL": postgres.start(), "REDIS_URL": valkey.start(), "VOS_ENV": "test", "VOS_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "vos.settings",
        }  # fmt: skip
        yield postgres, valkey, folder
    finally:
        valkey.stop()
        postgres.stop()
        watchdog.close()
        shutil.rmtree(folder, ignore_errors=True)
