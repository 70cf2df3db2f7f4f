"""The short form of the storm over workflows: a small one in a process of its own, over servers of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.test_storm import PRIVATE, ROOT


@pytest.mark.kill
def test_a_storm_leaves_every_run_completed_and_no_effect_twice(django_db_setup: None, session_folder: Path) -> None:
    """Workers killed and drained, Valkey flushed twice, Postgres restarted, runs paused and resumed. Each at least once.

    The tests' own database has been made by now, so that the storm finds its dump and restores it in a second.
    """
    environment = {key: value for key, value in os.environ.items() if key not in PRIVATE}
    options = ["--runs", "16", "--workers", "2", "--threads", "2", "--seconds", "3"]
    command = [sys.executable, "-m", "tests.chaos.workflows", *options]
    command += ["--cluster", str(session_folder)]
    storm = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert storm.returncode == 0, storm.stdout + storm.stderr
    assert "nothing is wrong" in storm.stdout
    for strike in ("3 × kill worker", "2 × flush valkey", "drain worker", "restart postgres", "signal somebody"):
        assert strike in storm.stdout, storm.stdout
