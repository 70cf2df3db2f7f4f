"""Start and stop servers that never outlive this process, however it ends (see ``leash`` and ``watchdog``)."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from vos.embedded.accounts import OURSELVES, Account

_HERE = Path(__file__).parent
_PYTHON = [sys.executable, "-I", "-S"]


class ServerError(Exception):
    """A server did not start or stop; the message holds the end of its log."""


class Watchdog:
    """A small process that ends our children when we are killed; made when first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._parents: subprocess.Popen[bytes] | None = None  # kept, for what is let go of is waited for
        self._groups: dict[int, int] = {}
        self._folders: list[Path] = []
        # Descriptors that it keeps open to the end, such as the supervisor's lock: the next start waits until all is clean.
        self.held: tuple[int, ...] = ()

    def add(self, pid: int, number: signal.Signals) -> None:
        """Watch the group led by ``pid``; it gets ``number`` first."""
        self._groups[pid] = int(number)
        self._tell(f"+ {pid} {int(number)}")

    def remove(self, pid: int) -> None:
        """The group ended in order."""
        self._groups.pop(pid, None)
        self._tell(f"- {pid}")

    def remove_at_end(self, folder: Path) -> None:
        """Delete a temporary folder when we are gone."""
        self._folders.append(folder)
        self._tell(f"rm {folder}")

    def close(self) -> None:
        """Let it go if it has nobody left to watch; its folders go with it. Waits for it."""
        if self._groups or self._process is None:
            return
        process, self._process = self._process, None
        self._folders.clear()
        process.communicate()

    def forget(self) -> None:
        """In a forked process: what is watched, and who watches it, are the parent's."""
        self._parents, self._process = self._process, None
        self._groups.clear()
        self._folders.clear()

    def _tell(self, line: str) -> None:
        if self._process is None or self._process.poll() is not None:  # somebody may have killed it
            self._process = self._start()
            line = "\n".join(
                [*(f"+ {pid} {number}" for pid, number in self._groups.items()), *(f"rm {f}" for f in self._folders)]
            )
        if self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def _start(self) -> "subprocess.Popen[bytes]":
        # Its outputs go nowhere: a pipe of ours held open would make whoever reads it wait for the watchdog.
        return subprocess.Popen(
            [*_PYTHON, str(_HERE / "watchdog.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            pass_fds=self.held,
        )


watchdog = Watchdog()


def spawn(
    command: Sequence[str],
    *,
    log: int | IO[bytes] | None,
    errors: int | IO[bytes] | None = subprocess.STDOUT,
    account: Account = OURSELVES,
    environment: Mapping[str, str] | None = None,
    folder: Path | str = "/",
    death_signal: signal.Signals = signal.SIGKILL,
) -> "subprocess.Popen[bytes]":
    """Start ``command`` in a session of its own (Ctrl-C reaches only us), on the leash and under the watchdog's eye.

    Call it from a thread that lives as long as the server should: the kernel's death signal follows the thread.
    """
    bonds = [os.getpid(), int(death_signal), account.uid, account.gid]
    process = subprocess.Popen(
        [*_PYTHON, str(_HERE / "leash.py"), *map(str, bonds), "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=errors,
        start_new_session=True,
        env=None if environment is None else dict(environment),
        cwd=folder,
    )
    watchdog.add(process.pid, death_signal)
    return process


def stop(process: "subprocess.Popen[bytes]", *signals: signal.Signals, seconds: float = 10.0) -> int:
    """Send each signal in turn until the process ends, at last SIGKILL to its whole group; returns its exit code."""
    for number in signals:
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            break
    return end(process)


def end(process: "subprocess.Popen[bytes]") -> int:
    """SIGKILL for what is left of the process and its group; returns its exit code."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    watchdog.remove(process.pid)
    return code


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for error messages."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def is_alive(pid: int) -> bool:
    """Whether a process runs; a killed one that nobody has waited for yet does not."""
    state, _command = _listed(pid)
    return state not in {"", "Z", "X"}


def command_of(pid: int) -> str:
    """The name of the program that runs as ``pid``; empty when there is none."""
    return _listed(pid)[1]


def _listed(pid: int) -> tuple[str, str]:
    """State letter and program name of a process. From /proc where there is one: small systems come without ``ps``."""
    if sys.platform.startswith("linux"):
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return "", ""
        # The name stands in brackets and may hold brackets and blanks itself.
        before, _, after = text.rpartition(")")
        return after.split()[0], before.partition("(")[2]
    listed = subprocess.run(["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, command = listed.stdout.strip().partition(" ")
    return state[:1], Path(command.strip()).name
