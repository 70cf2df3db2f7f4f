"""Folders that a server's account can reach and whose socket paths are short enough."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from vos.embedded.accounts import Account
from vos.embedded.binaries import SYSTEM_FOLDER
from vos.embedded.processes import ServerError

# sun_path holds 104 bytes on macOS and 108 on Linux, a closing zero included.
SOCKET_PATH_LIMIT = 103


def private_folder(path: Path, account: Account) -> Path:
    """Make ``path`` (parents too) with mode 0700, owned by the server's account."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    account.owns(path)
    path.chmod(0o700)
    return path


def server_folder(path: Path, account: Account) -> Path:
    """``path``, or where ``nobody`` cannot reach it, a folder of the system with a link left at ``path``."""
    if path.is_symlink():
        path = path.resolve()
    elif not account.reaches(path):
        link, path = path, SYSTEM_FOLDER / f"{path.name}-{_short(path)}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    return private_folder(path, account)


def socket_folder(wished: Path, socket_name: str, account: Account) -> Path:
    """A private folder for sockets: as wished, or in the temporary folder where that is too long or out of reach."""
    fits = len(os.fsencode(wished.absolute() / socket_name)) <= SOCKET_PATH_LIMIT
    if fits and account.reaches(wished.absolute()):
        return private_folder(wished.absolute(), account)
    # A name that can be foreseen, in a folder where anybody may write: whoever was there first must have been us.
    folder = Path(tempfile.gettempdir()) / f"vos-{os.geteuid()}-{_short(wished)}"
    if folder.exists() or folder.is_symlink():
        _refuse_strangers(folder, account)
    return private_folder(folder, account)


def _refuse_strangers(folder: Path, account: Account) -> None:
    status = folder.lstat()
    ours = {os.geteuid(), account.uid} if account.is_other else {os.geteuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in ours:
        raise ServerError(f"{folder} belongs to somebody else: remove it, or set TMPDIR to a folder of your own")


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:10]
