"""The servers of one data folder: embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from vos.embedded.keys import local_keys
from vos.embedded.lock import SupervisorLock
from vos.embedded.postgres import Postgres
from vos.embedded.processes import ServerError, watchdog
from vos.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
RUNNING = "running.json"


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where everything lies that a start makes: ``VOS_DATA``, or ``.data`` in the checkout."""
    return ROOT / environment.get("VOS_DATA", ".data")


class LocalServices:
    """Starts what is not given, and knows the environment in which VOS' programs run."""

    def __init__(self, data: Path, given: Mapping[str, str] = os.environ) -> None:
        self.data = data
        self.given = given
        self.lock = SupervisorLock(data)
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self._urls: dict[str, str] = {}

    @property
    def servers(self) -> list[Postgres | Valkey]:
        """The embedded ones that run."""
        return [server for server in (self.postgres, self.valkey) if server is not None]

    def start(self, check: Callable[[], None] = lambda: None) -> None:
        """Take the folder's lock, then ``check``, then start Postgres and Valkey; raises ServerError with what to do."""
        self.lock.take()
        check()
        if "DATABASE_URL" in self.given:
            check_database(self.given["DATABASE_URL"])
        else:
            self.postgres = Postgres(self.data)
            self._urls["DATABASE_URL"] = self.postgres.start()
        if "REDIS_URL" not in self.given:
            self.valkey = Valkey(self.data)
            self._urls["REDIS_URL"] = self.valkey.start()
        self._publish()

    def stop(self) -> None:
        """Stop what was started, Valkey before Postgres, and give the lock back. Without the lock nothing here is ours."""
        if not self.lock.is_held:
            return
        (self.data / RUNNING).unlink(missing_ok=True)
        for server in reversed(self.servers):
            server.stop()
        self.postgres = self.valkey = None
        watchdog.close()
        self.lock.release()

    def environment(self) -> dict[str, str]:
        """The variables of VOS' programs. What the caller set goes before what is made here."""
        return program_environment(self.data, self._urls, self.given)

    def _publish(self) -> None:
        """Let commands in another terminal (``make shell``) find the running servers."""
        file = self.data / RUNNING
        file.touch(mode=0o600)
        file.write_text(json.dumps(self._urls))


def program_environment(data: Path, urls: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables over ours: addresses of servers, keys of this checkout, the data folder, demo mode."""
    port = int(given.get("VOS_PORT", "8000"))
    ours = {
        "DJANGO_SETTINGS_MODULE": "vos.settings",
        "PYTHONUNBUFFERED": "1",
        "VOS_PORT": str(port),
        "VOS_SOCKET_PORT": str(port + 1),
        "VOS_DEMO": "1",
        **local_keys(data),
        **urls,
    }
    return ours | dict(given) | {"VOS_DATA": str(data)}


def running_urls(data: Path) -> dict[str, str] | None:
    """The addresses of a running supervisor's servers, or None."""
    file = data / RUNNING
    if not file.exists():
        return None
    urls: dict[str, str] = json.loads(file.read_text())
    return urls


def check_database(url: str) -> None:
    """Connect once, for a message that helps instead of a traceback from the depths of a migration."""
    import psycopg  # only where somebody brings a database

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            ready = connection.execute("SELECT count(*) FROM pg_extension WHERE extname = 'vector'").fetchone()
    except psycopg.Error as error:
        raise ServerError(f"DATABASE_URL: no connection ({str(error).strip()})") from error
    if not ready or not ready[0]:
        raise ServerError(
            "DATABASE_URL: the database lacks the extensions; have a superuser run vos/embedded/bootstrap.sql (docs/running.md)"
        )
