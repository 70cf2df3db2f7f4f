"""``make run``: bring everything up, do the main job, serve until Ctrl-C; ``make run ONCE=1``: do the job and leave."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import IO

from vos.embedded.console import console, note, say
from vos.embedded.follow import Follower
from vos.embedded.local import ROOT, LocalServices, data_folder
from vos.embedded.migrations import is_migrated, note_migrated
from vos.embedded.ports import require_free
from vos.embedded.processes import ServerError, spawn, stop, tail
from vos.embedded.programs import SERVING, WORKING, make_programs, python, rotate
from vos.embedded.supervisor import Stopped, Supervisor

READY_SECONDS = 60.0
INTERRUPTED = 130
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Run:
    """One start of the whole, and its end."""

    def __init__(self, given: Mapping[str, str] = os.environ) -> None:
        self.started_at = time.monotonic()
        self.services = LocalServices(data_folder(given), given)
        self.supervisor = Supervisor(say=lambda text: say(f"[yellow]{text}[/yellow]"))
        self.logs = self.services.data / "logs"
        self.follower: Follower | None = None

    def serve(self) -> int:
        """Everything, until somebody stops it; 0 when stopped on purpose."""
        environment = self.services.environment()
        ports = {name: int(environment[name]) for name in ("VOS_PORT", "VOS_SOCKET_PORT")}
        with self._whole():
            self._start_servers(ports)
            self._migrate()
            self._start_programs([*WORKING, *SERVING])
            code = self._job()
            self._wait_until_web_answers(ports["VOS_PORT"])
            self._tell_where_to_look(ports["VOS_PORT"], code)
            with contextlib.suppress(Stopped):
                self.supervisor.wait()
            note("stopping")
        return 0

    def once(self) -> int:
        """The job alone; its results as one JSON document at the end of standard output. The job's exit code."""
        with tempfile.TemporaryFile() as results:
            with self._whole():
                self._start_servers({})
                self._migrate()
                self._start_programs(list(WORKING))
                code = self._job(results)
                note("stopping")
            results.seek(0)
            return _print_document(results.read(), code)

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Whatever happens inside, everything is stopped at the end, in order."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            yield
        finally:
            self.supervisor.stop(together=[*WORKING, *SERVING])
            self.services.stop()
            if self.follower is not None:
                self.follower.look()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.supervisor.stopping.set()

    def _start_servers(self, ports: Mapping[str, int]) -> None:
        self.services.start(lambda: require_free(self.services.given.get("VOS_BIND", "127.0.0.1"), dict(ports)))
        for server in self.services.servers:
            name = type(server).__name__
            self.supervisor.adopt(name, server)
            note(f"{name} runs ({server.log})")

    def _migrate(self) -> None:
        """Bring the schemas up to date; skipped when the embedded cluster has been stamped with these very migrations."""
        cluster = self.services.postgres.home if self.services.postgres else None
        if cluster is not None and is_migrated(ROOT, cluster):
            return
        log = self.logs / "migrate.log"
        rotate(log)
        with console.status("migrating the database"), log.open("ab") as stream:
            code = self._wait_for(python("manage.py", "migrate_schemas"), output=stream, errors=subprocess.STDOUT)
        if code != 0:
            raise ServerError(f"the migrations failed; {log} says:\n{tail(log, 25)}")
        if cluster is not None:
            note_migrated(ROOT, cluster)
        note(f"database migrated ({log})")

    def _start_programs(self, names: list[str]) -> None:
        environment = self.services.environment()
        programs = make_programs(names, environment, self.logs)
        self.logs.mkdir(parents=True, exist_ok=True)
        if environment.get("LOGS", "0") not in {"", "0"}:
            self.follower = Follower(self.logs, sys.stderr.write)
            self.follower.start()
        for program in programs:
            self.supervisor.start(program.name, program)
        note(f"{', '.join(names)} started (logs: {self.logs})")

    def _job(self, results: IO[bytes] | None = None) -> int:
        """The demo: two tenants and the main job in one of them. It does what is not done yet, and shows its own progress.

        Without the demo only the ground is laid that every installation stands on.
        """
        verb = "ground" if self.services.environment()["VOS_DEMO"] in {"", "0", "false", "False"} else "run"
        words = ["demo", verb, *(["--json"] if results is not None else [])]
        return self._wait_for(python("manage.py", *words), output=results, errors=None)

    def _wait_for(self, command: list[str], *, output: IO[bytes] | None, errors: int | None) -> int:
        """Run a command to its end while the services are watched; stopped with us."""
        process = spawn(command, log=output, errors=errors, environment=self.services.environment(), folder=ROOT)
        try:
            self.supervisor.wait(lambda: process.poll() is not None)
        except Stopped:
            stop(process, signal.SIGTERM, seconds=5.0)
            raise
        return stop(process)

    def _wait_until_web_answers(self, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        self.supervisor.wait(lambda: answers(port) or time.monotonic() > deadline)
        if not answers(port):
            log = self.logs / "web.log"
            raise ServerError(f"the web server does not answer on port {port}; {log} says:\n{tail(log)}")

    def _tell_where_to_look(self, port: int, code: int) -> None:
        if code != 0:
            say(f"[red]The demo job ended with code {code}: see above. VOS serves nevertheless.[/red]")
        host = self.services.given.get("VOS_PUBLIC_HOST", "localhost")
        seconds = time.monotonic() - self.started_at
        say(f"VOS serves [bold]http://acme.{host}:{port}/[/bold] and [bold]http://{host}:{port}/admin/[/bold]")
        note(f"ready in {seconds:.1f} s; data and logs are in {self.services.data}; Ctrl-C stops everything")


def answers(port: int) -> bool:
    """Whether the web server answers at all; that it is healthy is the business of /readyz."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _print_document(text: bytes, code: int) -> int:
    """Print the job's document as the very last thing; what is no JSON is a failure."""
    try:
        document = json.loads(text)
    except ValueError:
        found = text.decode(errors="replace")[-500:].strip() or "nothing"
        say(f"[red]vos:[/red] the job ended with code {code} and printed no JSON document, but: {found}")
        return code or 1
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return code


def main(*, once: bool) -> int:
    """Run; errors as one message, not as a traceback."""
    run = Run()
    try:
        return run.once() if once else run.serve()
    except Stopped:
        note("stopped on request")
        return INTERRUPTED if once else 0
    except ServerError as error:
        say(f"[red]vos:[/red] {error}")
        return 1
