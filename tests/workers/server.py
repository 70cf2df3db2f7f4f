"""One process that has imported everything, and xdist's workers forked from it.

Four workers that each import Django, the product and a thousand test modules spend a minute and a half of processor time before
the first test, and in a clean clone each compiles what the others compile. So xdist's controller imports, and forks before it has
threads; for each worker it starts ``client.py`` as if that were a Python, and from here comes a process with the client's pipes.
"""

import os
import select
import shlex
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

CLIENT = Path(__file__).with_name("client.py")


class Server:
    """Forks workers for as long as the process that made it lives. ``begin`` is done first in each worker."""

    def __init__(self, begin: Callable[[], None]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="vos-workers-")
        self._address = str(Path(self._folder.name, "server"))
        gone, self._alive = os.pipe()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self._address)
            listening.listen()
            self._pid = os.fork()
            if self._pid == 0:
                os.close(self._alive)
                _serve(listening, gone, begin)
        os.close(gone)

    @property
    def spec(self) -> str:
        """What xdist calls a worker of this kind (``--tx``)."""
        return f"popen//python={shlex.join([sys.executable, '-I', '-S', str(CLIENT), self._address])}"

    def close(self) -> None:
        """No more workers; those that run go on."""
        os.close(self._alive)
        os.waitpid(self._pid, 0)
        self._folder.cleanup()


def _serve(listening: socket.socket, gone: int, begin: Callable[[], None]) -> NoReturn:
    """A worker per client, until nobody holds the other end of ``gone``."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries workers
        while True:
            ready, _, _ = select.select([listening, gone], [], [])
            if gone in ready:
                os._exit(0)
            line, _address = listening.accept()
            _message, pipes, _flags, _sender = socket.recv_fds(line, 1, 3)
            if os.fork() == 0:
                listening.close()
                os.close(gone)
                _work(line, pipes, begin)
            line.close()
            for pipe in pipes:
                os.close(pipe)
    finally:
        os._exit(1)


def _work(_line: socket.socket, pipes: list[int], begin: Callable[[], None]) -> NoReturn:
    """Become the Python that execnet waits for: do the line of standard input. ``_line`` tells the client of our end."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, pipe in enumerate(pipes):
            os.dup2(pipe, number)
            os.close(pipe)
        sys.stdin, sys.stdout, sys.stderr = (open(number, mode, closefd=False) for number, mode in enumerate("rww"))  # noqa: SIM115
        begin()
        exec(eval(sys.stdin.readline()), {"__name__": "__main__"})  # execnet's protocol, from our parent
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)
