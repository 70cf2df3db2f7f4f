"""A killed supervisor leaves nothing running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vos.embedded.processes import command_of, is_alive, spawn, stop

# A supervisor of two sleepers, one of which starts a sleeper of its own in the background, as a web server starts workers.
SUPERVISOR = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from vos.embedded.processes import spawn, watchdog
import signal
watchdog.remove_at_end(Path("{folder}/scratch"))
plain = spawn(["/bin/sleep", "300"], log=None, death_signal=signal.{death})
family = spawn(["/bin/sh", "-c", "sleep 301 & echo $! > {folder}/grandchild; wait"], log=None, death_signal=signal.{death})
while not Path("{folder}/grandchild").exists() or not Path("{folder}/grandchild").read_text():
    time.sleep(0.01)
print(plain.pid, family.pid, Path("{folder}/grandchild").read_text().strip(), watchdog._process.pid, flush=True)
time.sleep(300)
"""
ROOT = str(Path(__file__).parents[3])


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def start_supervisor(folder: Path, death: str = "SIGKILL") -> tuple["subprocess.Popen[str]", list[int]]:
    (folder / "scratch").mkdir()
    code = SUPERVISOR.format(root=ROOT, folder=folder, death=death)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    process.stdout.close()
    assert len(pids) == 4
    return process, pids


@pytest.mark.kill
def test_kill_9_of_the_supervisor_leaves_nothing_running(folder: Path) -> None:
    process, pids = start_supervisor(folder)
    assert all(is_alive(pid) for pid in pids)

    process.kill()
    process.wait()

    assert eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert not (folder / "scratch").exists()


@pytest.mark.kill
def test_kill_9_of_the_supervisor_ends_programs_that_ignore_their_signal(folder: Path) -> None:
    process, pids = start_supervisor(folder, death="SIGURG")  # a signal whose default is to do nothing

    process.kill()
    process.wait()

    assert eventually(lambda: not any(is_alive(pid) for pid in pids))


@pytest.mark.kill
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's death signal is Linux'")
def test_kill_9_of_supervisor_and_watchdog_still_ends_the_children(folder: Path) -> None:
    process, (plain, family, grandchild, watchdog) = start_supervisor(folder)

    os.kill(watchdog, signal.SIGKILL)
    process.kill()
    process.wait()

    assert eventually(lambda: not is_alive(plain) and not is_alive(family))
    os.kill(grandchild, signal.SIGKILL)  # only the watchdog knew of it


def test_stop_sends_each_signal_in_turn_and_at_last_kills(folder: Path) -> None:
    deaf = spawn(["/bin/sh", "-c", f"trap '' TERM; touch {folder}/ready; while :; do sleep 0.05; done"], log=None)
    assert eventually((folder / "ready").exists)

    assert stop(deaf, signal.SIGTERM, seconds=0.1) == -signal.SIGKILL
    assert not is_alive(deaf.pid)


def test_stop_returns_the_exit_code_of_what_has_ended() -> None:
    process = spawn(["/bin/sh", "-c", "exit 3"], log=None)
    process.wait()

    assert stop(process, signal.SIGTERM) == 3


def test_spawned_programs_are_out_of_reach_of_the_terminals_ctrl_c() -> None:
    process = spawn(["/bin/sleep", "60"], log=None)

    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    stop(process, signal.SIGTERM)


def test_command_of_names_the_program_and_is_empty_for_nobody() -> None:
    process = spawn(["/bin/sleep", "60"], log=None)
    assert eventually(lambda: command_of(process.pid) == "sleep")
    stop(process, signal.SIGTERM)

    assert command_of(process.pid) == ""
