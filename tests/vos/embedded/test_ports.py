import socket

import pytest

from vos.embedded.ports import PortInUseError, require_free
from vos.embedded.valkey import free_port


def test_a_port_in_use_is_named_with_the_variable_that_changes_it() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]

        with pytest.raises(PortInUseError, match=rf"port {port} is in use by another program.*VOS_PORT={port + 100} make run"):
            require_free("127.0.0.1", {"VOS_PORT": port})


def test_free_ports_pass() -> None:
    require_free("127.0.0.1", {"VOS_PORT": free_port(), "VOS_SOCKET_PORT": free_port()})
