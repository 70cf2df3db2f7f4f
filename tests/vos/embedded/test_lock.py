import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vos.embedded.lock import AlreadyRunningError, SupervisorLock

HOLDER = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(descriptor, fcntl.LOCK_EX)
os.pwrite(descriptor, sys.argv[2].encode() or str(os.getpid()).encode(), 0)
print("held", flush=True)
time.sleep(float(sys.argv[3]))
"""


def hold(folder: Path, *, named: str, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLDER, str(folder / "supervisor.lock"), named, str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def test_a_second_supervisor_is_refused_at_once_and_told_which_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = hold(tmp_path, named="", seconds=60)
    waits: list[float] = []

    with monkeypatch.context() as patch, pytest.raises(AlreadyRunningError, match=rf"process {holder.pid}.*VOS_DATA"):
        patch.setattr(time, "sleep", waits.append)
        SupervisorLock(tmp_path).take()

    assert waits == []
    holder.kill()
    holder.wait()


def test_a_watchdog_that_cleans_up_after_a_dead_supervisor_is_waited_for(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    cleaner = hold(tmp_path, named=str(dead.pid), seconds=0.2)

    lock = SupervisorLock(tmp_path)
    lock.take()

    assert (tmp_path / "supervisor.lock").read_text() == str(os.getpid())
    lock.release()
    cleaner.wait()


def test_a_lock_that_was_given_back_can_be_taken(tmp_path: Path) -> None:
    first, second = SupervisorLock(tmp_path), SupervisorLock(tmp_path)
    first.take()
    first.release()
    second.take()
    second.release()
