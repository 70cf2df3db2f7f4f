"""``manage.py relay``: delivers what is open, stops when told, and comes back after the database was away."""

import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, transaction
from django_tenants.utils import schema_context, tenant_context

from kernel.events.models import OutboxEvent
from kernel.events.services import event_emit
from kernel.events.topics import Payload, register_topic
from tenants.models import Tenant
from vos.operations.management.commands import relay as command

TOPIC = "test.relay.command"


class Said(Payload):
    number: int


register_topic(TOPIC, Said)


@pytest.fixture
def stream() -> Iterator[redis.Redis]:
    """Valkey, with the topic's stream empty."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(f"vos:events:{TOPIC}")
    yield client
    client.close()


def _emit(tenant: Tenant, number: int) -> None:
    with tenant_context(tenant), transaction.atomic():
        event_emit(topic=TOPIC, aggregate="case:1", data={"number": number}, actor="user:1")


def test_once_publishes_and_delivers_what_is_open(committed: Tenant, stream: redis.Redis) -> None:
    for number in range(3):
        _emit(committed, number)
    with schema_context("public"):
        call_command("relay", "--once")
        assert OutboxEvent.objects.filter(topic=TOPIC, published_at=None).count() == 0
        assert OutboxEvent.objects.filter(topic=TOPIC, delivered_at=None).count() == 0
    assert stream.xlen(f"vos:events:{TOPIC}") == 3


class _Rounds:
    """Stands for ``relay_once``: counts rounds, fails as told, and tells the command to stop at the end."""

    def __init__(self, stop: threading.Event, rounds: list[Any]) -> None:
        self.stop, self.rounds, self.done = stop, rounds, 0

    def __call__(self, _publisher: object) -> int:
        self.done += 1
        answer = self.rounds.pop(0) if self.rounds else 0
        if not self.rounds:
            self.stop.set()
        if isinstance(answer, Exception):
            raise answer
        return int(answer)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Serve with made-up rounds; returns the counter and what was written to stderr."""

    def run(rounds: list[Any]) -> tuple[_Rounds, str]:
        said = io.StringIO()
        relay = command.Command(stderr=said)
        relay.stop = threading.Event()
        counter = _Rounds(relay.stop, rounds)
        monkeypatch.setattr(command, "relay_once", counter)
        monkeypatch.setattr(command, "become_leader", lambda: True)
        monkeypatch.setattr(command, "RETRY_SECONDS", 0.01)
        while not relay.stop.is_set():
            relay._serve(object())
        return counter, said.getvalue()

    return run


def test_a_lost_database_is_waited_out(committed: Tenant, served: Any) -> None:
    counter, said = served([1, OperationalError("terminating connection"), 1, 0])
    assert counter.done == 4
    assert "the database went away (OperationalError); trying again" in said


def test_a_connection_that_was_killed_is_made_anew(
    committed: Tenant, stream: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres restarted in the middle: the relay's connection is gone, with the lead; it takes the lead again and goes on."""
    relay = command.Command(stderr=io.StringIO())
    relay.stop = threading.Event()
    monkeypatch.setattr(command, "RETRY_SECONDS", 0.05)
    real, rounds = command.relay_once, []

    def once(publisher: Any) -> int:
        rounds.append(1)
        if len(rounds) == 1:
            _kill_everybody()
        moved = real(publisher)
        if OutboxEvent.objects.filter(topic=TOPIC, delivered_at__isnull=False).count() == 1:
            relay.stop.set()
        return moved

    monkeypatch.setattr(command, "relay_once", once)
    _emit(committed, 1)
    from kernel.events.streams import StreamPublisher

    deadline = time.monotonic() + 30
    with schema_context("public"):
        while not relay.stop.is_set() and time.monotonic() < deadline:
            relay._serve(StreamPublisher(settings.REDIS_URL))
        assert relay.stop.is_set()
    assert len(rounds) >= 2


def _kill_everybody() -> None:
    database = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(psycopg.conninfo.make_conninfo(_url(), dbname=database), autocommit=True) as killer:
        killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _url() -> str:
    import os

    return os.environ["DATABASE_URL"]
