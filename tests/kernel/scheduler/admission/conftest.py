"""A Valkey of our own, because these tests flush and restart it under everybody who uses it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, Rules
from vos.embedded.valkey import Valkey

QUICK = Rules(concurrency=2, lease_seconds=2, renew_seconds=0.05, waiter_seconds=0.6, grace_seconds=0)

type MakeQueue = Callable[..., AdmissionQueue]


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    folder: Path = tmp_path_factory.mktemp("valkey")
    server = Valkey(folder, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(own_valkey: Valkey) -> Iterator[Redis]:
    client = Redis.from_url(own_valkey.url, socket_timeout=10, socket_connect_timeout=1)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def make_queue(client: Redis) -> MakeQueue:
    def make(**changes: Any) -> AdmissionQueue:
        return AdmissionQueue(client, changes.pop("name", "model"), Rules(**(vars(QUICK) | changes)))

    return make
