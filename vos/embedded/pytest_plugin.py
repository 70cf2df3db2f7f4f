"""One throw-away Postgres and Valkey for a run of the tests, started before Django's settings are read.

Loaded with ``-p vos.embedded.pytest_plugin``: pytest-django imports the settings before any ``conftest.py``. Servers that
``DATABASE_URL`` or ``REDIS_URL`` name are taken as they are. Under xdist the controller starts them and the workers inherit the
variables. Runs side by side have servers of their own; killed ones leave nothing (see ``watchdog``).
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from vos.embedded.postgres import Postgres
from vos.embedded.processes import watchdog
from vos.embedded.valkey import Valkey


class Services:
    """The two servers of this run, in a temporary folder, with what was set by us."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.servers: list[Postgres | Valkey] = []
        self.variables: list[str] = []
        self._parents: list[Postgres | Valkey] = []

    def start(self) -> None:
        """Start what the environment does not name yet. Stopped at exit too: a broken settings file skips pytest's own hooks."""
        atexit.register(self.stop)
        for variable, server in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)):
            if variable not in os.environ:
                self._start(variable, server)
        self._set("VOS_ENV", "test")
        # There are more of us than cores; and a process that has threads is not to be forked (tests/workers).
        self._set("OPENBLAS_NUM_THREADS", "1")
        self._set("VOS_DATA", str(self._folder() / "data"))

    def stop(self) -> None:
        """Stop what was started, forget the variables, delete the folder."""
        while self.servers:
            self.servers.pop().stop()
        while self.variables:
            os.environ.pop(self.variables.pop(), None)
        watchdog.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def forget(self) -> None:
        """In a forked process: what was started is the parent's to stop, and what was set stays set."""
        self._parents = self.servers
        self.servers, self.variables, self.folder = [], [], None
        watchdog.forget()

    def _start(self, variable: str, kind: type[Postgres] | type[Valkey]) -> None:
        server = kind(self._folder(), durable=False)
        self.servers.append(server)
        self._set(variable, server.start())

    def _set(self, variable: str, value: str) -> None:
        if variable not in os.environ:
            os.environ[variable] = value
            self.variables.append(variable)

    def _folder(self) -> Path:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="vos-test-"))
            # As root, the servers' own account must be able to walk through; what lies inside is private again.
            self.folder.chmod(0o711)
            watchdog.remove_at_end(self.folder)
        return self.folder


def valkey_of(worker: str, url: str) -> str:
    """The one Valkey, in a database of the worker's own: rows of different workers have the same keys, and so the same queues.

    A server has 16 of them by default; the first is left to runs without workers.
    """
    number = int(worker.removeprefix("gw")) % 15 + 1
    return urlsplit(url)._replace(path=f"/{number}").geturl()


services = Services()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start before pytest-django looks at the settings; xdist's workers find the variables set."""
    gc.disable()  # until the tests begin: nearly all that starting and collecting makes is kept
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        services.start()
    else:
        os.environ["REDIS_URL"] = valkey_of(worker, os.environ["REDIS_URL"])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Collect garbage from now on, without the half a million objects that are there: half a second each time."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop at the end, also after an error or Ctrl-C."""
    services.stop()
