"""The whole job, by ``make run ONCE=1``, while its Postgres is killed twice and its Valkey emptied twice: its figures must hold.

``python -m tests.chaos.outages`` prints the job's document and exits 0 if all is as published; part of ``.ci/run`` and ``make
chaos``. The job's processes stay up; the database dies under them in the middle, and the broker forgets everything.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

ROOT = Path(__file__).parents[2]
PRIVATE = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VOS_ENV", "VOS_DEMO", "VOS_MASTER_KEY")
STAGES = ("storing call notes", "committing and exporting")
FIGURES = {"10041989", "6675324"}


@contextmanager
def house() -> Iterator[Path]:
    """A data folder that servers of another account can reach."""
    path = Path(tempfile.mkdtemp(prefix="vos-o-")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def job_through_outages(data: Path) -> str:
    """What the job printed. Raises AssertionError, with its progress, for anything that is not as it should be."""
    environment = {key: value for key, value in os.environ.items() if key not in PRIVATE} | {"VOS_DATA": str(data)}
    told = data / "progress"
    with told.open("wb") as progress, (data / "results").open("wb") as results:
        command = ["make", "--no-print-directory", "run", "ONCE=1"]
        run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=results, stderr=progress)
        try:
            for stage in STAGES:
                _wait_for(stage, told, run)
                _flush_valkey(data)
                _kill_postgres(data)
            code = run.wait(timeout=300)
        finally:
            if run.poll() is None:
                run.terminate()
                run.wait(timeout=60)
    _check(code, told.read_text(), document := (data / "results").read_text())
    return document


def _check(code: int, told: str, document: str) -> None:
    assert code == 0, told
    assert "waiting for the database to come back" in told, told
    done = json.loads(document)
    assert done["ok"], document
    assert {figure["computed"] for figure in done["figures"]} >= FIGURES, document


def _wait_for(stage: str, progress: Path, run: "subprocess.Popen[bytes]") -> None:
    """Until the progress display has ticked ``stage`` off."""
    deadline = time.monotonic() + 240
    while stage not in progress.read_text():
        assert run.poll() is None, progress.read_text()
        assert time.monotonic() < deadline, progress.read_text()
        time.sleep(0.05)


def _kill_postgres(data: Path) -> None:
    with suppress(ProcessLookupError):
        os.kill(int(next(data.glob("postgres/**/postmaster.pid")).read_text().split()[0]), signal.SIGKILL)


def _flush_valkey(data: Path) -> None:
    urls = json.loads((data / "running.json").read_text())
    with redis.Redis.from_url(urls["REDIS_URL"]) as valkey:
        valkey.flushall()


if __name__ == "__main__":
    with house() as folder:
        sys.stdout.write(job_through_outages(folder))
