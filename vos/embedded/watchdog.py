"""End what a killed supervisor left behind: its process groups and its temporary folders.

Run as a script with a pipe as standard input, in a session of its own. The supervisor writes ``+ GROUP SIGNAL``, ``- GROUP``
and ``rm FOLDER``; when the pipe closes (it left, or was killed with SIGKILL) every group that still is on the list gets its
signal, then SIGKILL, and the folders go. This covers grandchildren and macOS, which the kernel's death signal does not.
"""

import contextlib
import os
import select
import shutil
import signal
import sys
import time

GRACE_SECONDS = 4.0
POLL_SECONDS = 0.05


def alive(group: int) -> bool:
    """Whether a process of the group is there (zombies count until they are reaped)."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, number: int) -> None:
    """Signal a group that may have gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end(groups: dict[int, int]) -> None:
    """Ask each group to stop with its signal, and do not ask twice."""
    for group, number in groups.items():
        send(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(alive(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for group in groups:
        send(group, signal.SIGKILL)


def listen(groups: dict[int, int], folders: list[str]) -> None:
    """Keep the lists until the pipe closes or the parent is another one (a fork may hold the pipe open)."""
    parent = os.getppid()
    rest = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], 1.0)[0]:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            note(line.decode().split(" ", 1), groups, folders)


def note(words: list[str], groups: dict[int, int], folders: list[str]) -> None:
    """Apply one line of the supervisor."""
    verb, rest = words[0], words[-1]
    if verb == "+":
        group, number = rest.split()
        groups[int(group)] = int(number)
    elif verb == "-":
        groups.pop(int(rest), None)
    elif verb == "rm":
        folders.append(rest)


def main() -> None:
    """Listen, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    folders: list[str] = []
    listen(groups, folders)
    end(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
    sys.exit(0)
