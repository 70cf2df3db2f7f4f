from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from vos.embedded.processes import stop
from vos.embedded.valkey import Valkey, ping


@pytest.fixture
def server(folder: Path) -> Iterator[Valkey]:
    valkey = Valkey(folder)
    valkey.start()
    yield valkey
    valkey.stop()


def test_it_answers_only_to_its_password(server: Valkey) -> None:
    assert ping(server.port, server.password)
    assert not ping(server.port, "guess")
    with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.get("key")


def test_the_password_stands_in_a_file_that_only_we_read(server: Valkey) -> None:
    assert (server.home / "valkey.conf").stat().st_mode & 0o777 == 0o600
    assert server.password not in repr(server)


@pytest.mark.kill
def test_a_killed_server_comes_back_on_its_port_for_its_clients(server: Valkey) -> None:
    port = server.port
    with redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
        assert server.process is not None
        stop(server.process)  # SIGKILL

        server.start()

        assert server.port == port
        assert client.get("key") == b"value"


def test_a_file_that_cannot_be_read_is_set_aside(folder: Path) -> None:
    first = Valkey(folder)
    first.start()
    first.stop()
    (first.home / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")

    second = Valkey(folder)
    try:
        second.start()
        assert ping(second.port, second.password)
        assert len(list(second.home.glob("appendonlydir.unreadable-*"))) == 1
    finally:
        second.stop()
