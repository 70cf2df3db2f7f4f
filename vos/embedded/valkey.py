"""An embedded Valkey: loopback only, with a password, on a port that was free; broker, cache and streams."""

import contextlib
import secrets
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from vos.embedded.binaries import valkey_program
from vos.embedded.processes import ServerError, spawn, stop, tail

HOST = "127.0.0.1"
START_SECONDS = 30.0
ATTEMPTS = 3


@dataclass
class Valkey:
    """One server below ``folder``; ``durable=False`` writes nothing to disk."""

    folder: Path
    durable: bool = True
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def __post_init__(self) -> None:
        self.home = self.folder.absolute() / "valkey"
        self.log = self.home / "valkey.log"

    @property
    def url(self) -> str:
        """What goes into REDIS_URL."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def start(self) -> str:
        """Start it and wait until it answers; returns the URL.

        A restart takes the port it had, for the clients know it. It may lose the port to somebody, or have been killed while
        writing: a second attempt takes another port, the last one sets its files aside, for Postgres is the truth and Valkey
        may lose everything.
        """
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for attempt in range(1, ATTEMPTS + 1):
            self.port = self.port if self.port and attempt == 1 else free_port()
            self._launch()
            if self._answers():
                return self.url
            self.stop()
            if attempt == ATTEMPTS - 1:
                self._set_files_aside()
        raise ServerError(f"Valkey did not start in {self.home}:\n{tail(self.log)}")

    def stop(self) -> None:
        """End it in order; it writes its log to disk first."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM)
            self.process = None

    def _launch(self) -> None:
        # In a file, since a command line with a password in it can be read by everybody on the machine.
        configuration = self.home / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        with self.log.open("ab") as log:
            command = [str(valkey_program()), str(configuration)]
            self.process = spawn(command, log=log, death_signal=signal.SIGTERM, folder=self.home)

    def _configuration(self) -> str:
        durability = 'appendonly yes\nappendfsync everysec\nsave ""\n' if self.durable else 'appendonly no\nsave ""\n'
        return f'bind {HOST}\nport {self.port}\nrequirepass {self.password}\ndir "{self.home}"\ndaemonize no\n{durability}'

    def _answers(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            if ping(self.port, self.password):
                return True
            time.sleep(0.01)
        return False

    def _set_files_aside(self) -> None:
        files = self.home / "appendonlydir"
        if files.exists():
            files.rename(self.home / f"appendonlydir.unreadable-{int(time.time())}")


def ping(port: int, password: str) -> bool:
    """Whether a Valkey that takes our password answers there, its files loaded."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2:
            chunk = connection.recv(256)
            if not chunk:
                return False
            answer += chunk
        return answer == b"+OK\r\n+PONG\r\n"
    return False


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
