"""Postgres clusters for tests that start servers of their own: made once a session, for making one takes long."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vos.embedded.postgres import Postgres


@contextmanager
def short_folder() -> Iterator[Path]:
    """A short path that the account `nobody` can walk through, which pytest's own are not; it is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="vos-t-")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def cluster_put(folder: Path, session: Path) -> None:
    """Have ``Postgres(folder)`` find a cluster that was started once; all who name the same ``session`` get that one."""
    kept = session / "cluster"
    with (session / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with short_folder() as place:
                made = Postgres(place, durable=False)
                made.start()
                made.stop()
                _copy(made.data, session / "cluster.new")
            (session / "cluster.new").rename(kept)
    _copy(kept, Postgres(folder).data)


def _copy(data: Path, place: Path) -> None:
    # Not shutil.copytree: files keep their owner, who is another one where we are root.
    subprocess.run(["cp", "-Rp", str(data), str(place)], check=True)
