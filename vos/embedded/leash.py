"""Start a server so that it cannot outlive its parent, as another account if asked; then become that server.

Run as a script (``python -I -S leash.py PARENT SIGNAL UID GID -- COMMAND...``) and not as ``preexec_fn``: code between fork and
exec may deadlock where there are threads, and Python warns about it. The order matters: a change of account clears the death
signal, so the account comes first.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
UNCHANGED = -1


def become(uid: int, gid: int) -> None:
    """Give root away for good; ``-1`` keeps the account."""
    if uid == UNCHANGED:
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, number: int) -> None:
    """Have the kernel send ``number`` when the parent dies. Linux only; elsewhere the watchdog does it a little later."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Parse, drop privileges, tie the leash, exec."""
    parent, number, uid, gid = (int(word) for word in arguments[:4])
    command = arguments[5:]
    become(uid, gid)
    die_with(parent, number)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
