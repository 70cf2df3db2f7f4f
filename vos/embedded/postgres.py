"""An embedded Postgres: made on first start, reached over a unix socket in a private folder, ended with its supervisor."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from vos.embedded.accounts import Account, server_account
from vos.embedded.binaries import postgres_programs
from vos.embedded.places import private_folder, server_folder, socket_folder
from vos.embedded.processes import ServerError, command_of, is_alive, spawn, stop, tail

SUPERUSER = "postgres"
ROLE = DATABASE = "vos"
# Names the socket file only: nothing listens on TCP, so two checkouts never meet.
PORT = 5432
START_SECONDS = 60.0
READY_LINE = 7

COMMON = {
    "listen_addresses": "",
    "max_connections": "300",
    # Dropping or dumping a tenant's schema locks each of its tables at once.
    "max_locks_per_transaction": "512",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For data that lives as long as one run of the tests: nothing waits for the disk.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass
class Postgres:
    """One cluster below ``folder``; ``durable=False`` trades safety for speed."""

    folder: Path
    durable: bool = True
    account: Account = field(default_factory=server_account)
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.programs = postgres_programs(self.account)
        self.home = server_folder(self.folder.absolute() / "postgres", self.account)
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"
        self.sockets = socket_folder(self.folder.absolute() / "run", f".s.PGSQL.{PORT}.lock", self.account)

    @property
    def url(self) -> str:
        """What goes into DATABASE_URL: the role that owns the database and is no superuser."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.sockets), safe='')}&port={PORT}"

    def start(self) -> str:
        """Make the cluster if there is none, start it, prepare role, database and extensions; returns the URL."""
        private_folder(self.sockets, self.account)
        self._initialize()
        clear_stale_server(self.data, self.sockets)
        with self.log.open("ab") as log:
            self.account.owns(self.log)
            self.process = spawn(
                [str(self.programs / "postgres"), *self._arguments()],
                log=log,
                account=self.account,
                environment=_plain_environment(),
                death_signal=signal.SIGINT,  # "fast": roll back and leave, without waiting for clients
            )
        self._wait_until_ready()
        self._bootstrap()
        return self.url

    def stop(self) -> None:
        """End it in order: fast, then at once."""
        if self.process is not None:
            stop(self.process, signal.SIGINT, signal.SIGQUIT)
            self.process = None
            with contextlib.suppress(OSError):  # it may lie in the temporary folder, where nobody else would tidy up
                self.sockets.rmdir()

    def _arguments(self) -> list[str]:
        settings = COMMON if self.durable else COMMON | THROW_AWAY
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return ["-D", str(self.data), "-k", str(self.sockets), "-p", str(PORT), *options]

    def _initialize(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        # Into another folder and renamed at the end: a killed initdb leaves nothing that looks like a cluster.
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            str(self.programs / "initdb"),
            "-D", str(fresh), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.account.owns(self.log)
            process = spawn(command, log=log, account=self.account, environment=_plain_environment())
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(START_SECONDS)
        if stop(process) != 0:
            raise ServerError(f"initdb failed in {self.home}:\n{tail(self.log)}")
        fresh.rename(self.data)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"Postgres did not start in {self.home}:\n{tail(self.log)}")
            time.sleep(0.01)

    def _is_ready(self) -> bool:
        lines = _lines(self.data / "postmaster.pid")
        ours = self.process is not None and len(lines) > READY_LINE and lines[0] == str(self.process.pid)
        return ours and lines[READY_LINE].strip() == "ready"

    def _bootstrap(self) -> None:
        """Run ``bootstrap.sql``, the very file that a DBA runs for a server of your own."""
        script = Path(__file__).with_name("bootstrap.sql")
        psql = [str(self.programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "template=1", "-f", str(script)]
        command = [*psql, "-h", str(self.sockets), "-p", str(PORT), "-U", SUPERUSER, "postgres"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_plain_environment(), cwd="/")
        if done.returncode != 0:
            raise ServerError(f"preparing the database failed: {done.stderr.strip()}")


def clear_stale_server(data: Path, sockets: Path) -> None:
    """Make way for a start: end an orphan of ours, and drop lock files whose process is gone or is another program.

    Only to be called by the holder of the supervisor's lock, who knows that no living supervisor owns the server.
    """
    for lock in (data / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock"):
        pid = _pid(lock)
        if pid and command_of(pid) == "postgres":
            _end_orphan(pid)
        lock.unlink(missing_ok=True)


def _end_orphan(pid: int) -> None:
    for number, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_alive(pid):
                return
            time.sleep(0.05)


def _pid(lock: Path) -> int:
    lines = _lines(lock)
    return abs(int(lines[0])) if lines and lines[0].strip().lstrip("-").isdigit() else 0


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _plain_environment() -> dict[str, str]:
    """No PG* variables or locale of the caller's; the loader's path is kept for systems that need it."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {"LC_ALL": "C", **{name: os.environ[name] for name in kept if name in os.environ}}
