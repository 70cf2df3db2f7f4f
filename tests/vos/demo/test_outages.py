"""The whole thing as real processes, with Postgres killed and Valkey emptied under live workers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from django.db import OperationalError

from vos.demo.outages import outlasting

ROOT = Path(__file__).parents[3]
PRIVATE = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VOS_ENV", "VOS_DEMO", "VOS_MASTER_KEY")


@pytest.fixture
def house() -> Iterator[Path]:
    """A data folder that servers of another account can reach."""
    path = Path(tempfile.mkdtemp(prefix="vos-o-")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.kill
def test_postgres_killed_and_valkey_flushed_under_live_workers_loses_nothing(house: Path) -> None:
    """The job's processes stay up; the database dies twice in the middle, the broker forgets everything twice."""
    environment = {key: value for key, value in os.environ.items() if key not in PRIVATE} | {"VOS_DATA": str(house)}
    errors = house / "progress"
    with errors.open("wb") as progress, (house / "results").open("wb") as results:
        run = subprocess.Popen(
            [sys.executable, "-m", "vos.embedded", "run", "--once"], cwd=ROOT, env=environment, stdout=results, stderr=progress
        )  # fmt: skip
        try:
            for stage in ("storing call notes", "committing and exporting"):
                _wait_for(stage, errors, run)
                _flush_valkey(house)
                _kill_postgres(house)
            code = run.wait(timeout=300)
        finally:
            if run.poll() is None:
                run.terminate()
                run.wait(timeout=60)

    told = errors.read_text()
    assert code == 0, told
    assert "waiting for the database to come back" in told
    document = json.loads((house / "results").read_text())
    assert document["ok"]
    assert {figure["computed"] for figure in document["figures"]} >= {"10041989", "6675324"}


def test_work_is_begun_again_after_each_outage() -> None:
    tries, told = [], []

    def work() -> str:
        tries.append(len(tries))
        if len(tries) < 3:
            raise OperationalError("terminating connection due to unexpected postmaster exit")
        return "done"

    assert outlasting(work, tell=told.append, come_back=lambda: None) == "done"
    assert len(told) == 2


def test_a_database_that_fails_without_end_is_told_with_its_own_error() -> None:
    def work() -> None:
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError, match="the disk is full"):
        outlasting(work, tell=lambda _stage: None, come_back=lambda: None)


def _wait_for(stage: str, progress: Path, run: "subprocess.Popen[bytes]") -> None:
    """Until the progress display has ticked ``stage`` off."""
    deadline = time.monotonic() + 240
    while stage not in progress.read_text():
        assert run.poll() is None, progress.read_text()
        assert time.monotonic() < deadline, progress.read_text()
        time.sleep(0.05)


def _kill_postgres(house: Path) -> None:
    with suppress(ProcessLookupError):
        os.kill(int(next(house.glob("postgres/**/postmaster.pid")).read_text().split()[0]), signal.SIGKILL)


def _flush_valkey(house: Path) -> None:
    urls = json.loads((house / "running.json").read_text())
    with redis.Redis.from_url(urls["REDIS_URL"]) as valkey:
        valkey.flushall()
