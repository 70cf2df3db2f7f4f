"""Started where xdist would start a worker: hands its pipes to the process that forks workers, and lives as long as its worker.

Run as ``python -I -S client.py SOCKET``; what execnet adds for a Python of its own is not needed.
"""

import os
import signal
import socket
import sys

PIPES = (0, 1, 2)


def main(address: str) -> None:
    """Hand over, let go of what was handed over, and wait."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which then ends
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        socket.send_fds(line, [b"."], PIPES)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for pipe in PIPES:
            os.dup2(nowhere, pipe)
        line.recv(1)  # nothing ever comes; it ends with the worker


if __name__ == "__main__":
    main(sys.argv[1])
