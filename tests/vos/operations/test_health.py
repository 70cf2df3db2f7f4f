"""Health tells the truth: ready only while database, broker and worker answer, and else which of them does not."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client

from tenants.models import Tenant
from vos.operations import health

NOBODY = "redis://:secret@127.0.0.1:1/0"


@pytest.fixture
def answering_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that answers (its own process is tested in tests/e2e)."""
    monkeypatch.setitem(health.PROBES, "worker", lambda: "answers")


@pytest.fixture
def probe() -> Callable[[], tuple[int, dict[str, Any]]]:
    """Asks ``/readyz`` as a load balancer does, by address."""

    def ask() -> tuple[int, dict[str, Any]]:
        response = Client(headers={"host": "10.0.0.7:8000"}).get("/readyz")
        return response.status_code, response.json()

    return ask


@pytest.fixture
def no_database(committed: Tenant) -> Iterator[None]:
    """Postgres is away: the connection is lost and no new one can be made."""
    connection.close()
    with _server_at(port="1"):
        yield


@pytest.fixture
def silent_database(committed: Tenant) -> Iterator[None]:
    """Postgres' port takes connections and says nothing, as a server does that hangs."""
    connection.close()
    with socket.create_server(("127.0.0.1", 0)) as silent, _server_at(port=str(silent.getsockname()[1])):
        yield


@contextmanager
def _server_at(port: str) -> Iterator[None]:
    known = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT=port, PASSWORD="secret")
    try:
        yield
    finally:
        connection.settings_dict.update(known)


def test_ready_while_all_answer(db: None, answering_worker: None, probe: Callable[..., Any]) -> None:
    status, answer = probe()
    assert (status, answer["status"]) == (200, "ready")
    assert {name: one["ready"] for name, one in answer["probes"].items()} == {"database": True, "broker": True, "worker": True}
    assert answer["probes"]["database"]["detail"].endswith("migrations")


def test_without_the_database_not_ready(no_database: None, answering_worker: None, probe: Callable[..., Any]) -> None:
    status, answer = probe()
    assert status == 503
    assert answer["probes"]["database"] == {"ready": False, "detail": "OperationalError"}
    assert answer["probes"]["broker"]["ready"]
    assert "127.0.0.1" not in str(answer)


def test_with_a_database_that_says_nothing_not_ready_within_seconds(
    silent_database: None, answering_worker: None, probe: Callable[..., Any]
) -> None:
    began = time.monotonic()
    status, answer = probe()
    assert status == 503
    assert answer["probes"]["database"] == {"ready": False, "detail": "TimeoutError"}
    assert time.monotonic() - began < 2 * health.DATABASE_SECONDS + 5


def test_without_the_database_the_process_is_alive(no_database: None) -> None:
    response = Client(headers={"host": "10.0.0.7:8000"}).get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_without_the_broker_not_ready(db: None, answering_worker: None, probe: Callable[..., Any], settings: Any) -> None:
    settings.REDIS_URL = NOBODY
    status, answer = probe()
    assert status == 503
    assert answer["probes"]["broker"] == {"ready": False, "detail": "ConnectionError"}
    assert answer["probes"]["database"]["ready"]
    assert "secret" not in str(answer)


def test_without_a_worker_not_ready(db: None, probe: Callable[..., Any]) -> None:
    status, answer = probe()
    assert status == 503
    assert answer["probes"]["worker"] == {"ready": False, "detail": "ConnectionError"}
    assert answer["probes"]["broker"]["ready"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["acme.localhost", "localhost", "nobody.example", "10.0.0.7"])
def test_health_is_asked_by_address(path: str, host: str, db: None, answering_worker: None) -> None:
    assert Client(headers={"host": host}).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(path: str, db: None) -> None:
    assert Client().post(path).status_code == 405


def test_the_broker_probe_asks_the_broker(settings: Any) -> None:
    assert health.broker() == "answers"
    settings.REDIS_URL = NOBODY
    with pytest.raises(redis.ConnectionError):
        health.broker()
