"""The short form of ``make chaos``: a small storm in a process of its own, over servers of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRIVATE = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VOS_ENV", "VOS_DATA", "VOS_DEMO", "VOS_MASTER_KEY")


@pytest.mark.kill
def test_a_storm_leaves_every_process_right_every_token_counted_and_no_effect_twice(
    django_db_setup: None, session_folder: Path
) -> None:
    """Workers killed and drained, Valkey flushed, Postgres restarted and killed, people interfering. Each strike at least once.

    The tests' own database has been made by now, so that the storm finds its dump and restores it in a second.
    """
    environment = {key: value for key, value in os.environ.items() if key not in PRIVATE}
    command = [sys.executable, "-m", "tests.chaos", "--processes", "24", "--workers", "2", "--threads", "3", "--seconds", "3"]
    command += ["--cluster", str(session_folder)]
    storm = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert storm.returncode == 0, storm.stdout + storm.stderr
    assert "nothing is wrong" in storm.stdout
    for strike in ("kill worker", "drain worker", "flush valkey", "restart postgres", "kill postgres", "signal somebody"):
        assert strike in storm.stdout, storm.stdout
