"""Commands beside ``run``: in the services' environment (``make shell``), and starting afresh (``make reset``)."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from vos.embedded.console import note, say
from vos.embedded.local import ROOT, LocalServices, data_folder, program_environment, running_urls
from vos.embedded.lock import AlreadyRunningError, SupervisorLock
from vos.embedded.processes import ServerError

# What a reset keeps: tools that were brought, not data.
KEPT = {"uv", "chromium"}


def execute(command: list[str]) -> int:
    """Run a command with the services' variables, on the terminal's own input and output; returns its exit code.

    With a supervisor running, its servers are used; else they are started for as long as the command takes.
    """
    services = LocalServices(data_folder())
    try:
        services.start()
    except AlreadyRunningError:
        urls = running_urls(services.data)
        if urls is None:
            raise
        return _call(command, program_environment(services.data, urls, os.environ))
    except ServerError:
        services.stop()
        raise
    try:
        return _call(command, services.environment())
    finally:
        services.stop()


def _call(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    # Ctrl-C is the command's business (a shell lives on); we end when it ends. Set after the start: it would be inherited.
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, previous)


def reset(*, agreed: bool) -> int:
    """Delete the data folder's contents (not the tools in it), after a question. Refuses while VOS is running."""
    data = data_folder()
    if not data.exists():
        note("nothing to delete")
        return 0
    if not agreed and not _agrees(data):
        say("vos: nothing was deleted; `make reset YES=1` asks no question")
        return 1
    lock = SupervisorLock(data)
    lock.take()
    try:
        for entry in data.iterdir():
            if entry.name not in KEPT:
                _delete(entry)
    finally:
        lock.release()
    note(f"deleted what was in {data}; the next `make run` begins afresh")
    return 0


def _agrees(data: Path) -> bool:
    if not sys.stdin.isatty():
        return False
    say(f"This deletes the database, documents, keys and logs in {data}. Type yes to go on:")
    return sys.stdin.readline().strip().lower() == "yes"


def _delete(entry: Path) -> None:
    if entry.is_symlink():  # as root, a server's folder may lie elsewhere (see places.server_folder)
        shutil.rmtree(entry.resolve(), ignore_errors=True)
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
