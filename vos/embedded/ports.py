"""Whether a port is free, told before anything is started."""

import errno
import socket

from vos.embedded.processes import ServerError


class PortInUseError(ServerError):
    """Another program listens there."""


def require_free(host: str, ports: dict[str, int]) -> None:
    """Raise for the first port (by the name of its variable) that is taken or may not be used."""
    for variable, port in ports.items():
        reason = _refusal(host, port)
        if reason:
            raise PortInUseError(f"port {port} {reason}: free it, or choose another one: {variable}={port + 100} make run")


def _refusal(host: str, port: int) -> str:
    with socket.socket() as probe:
        # As servers do, so that connections that are closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return ""
