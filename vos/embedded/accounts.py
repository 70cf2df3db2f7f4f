"""Which account a server runs as, and what that account can reach: Postgres refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """Numbers for setuid and chown; ``-1`` means: as we are."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether servers run as somebody else than this process."""
        return self.uid >= 0

    def owns(self, path: Path) -> None:
        """Give a file or folder (not what is in it) to the account; nothing happens when it is our own."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether the account can walk to ``path``: every folder above lets others through."""
        if not self.is_other:
            return True
        return all(_lets_through(folder, self.uid) for folder in path.resolve().parents if folder.exists())


OURSELVES = Account(-1, -1)


def server_account() -> Account:
    """Ourselves; as root, ``nobody``."""
    if os.geteuid() != 0:
        return OURSELVES
    entry = pwd.getpwnam(UNPRIVILEGED)
    # macOS writes nobody's number as -2, which setuid wants unsigned.
    return Account(entry.pw_uid % 2**32, entry.pw_gid % 2**32)


def _lets_through(folder: Path, uid: int) -> bool:
    status = folder.stat()
    needed = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
    return bool(status.st_mode & needed)
