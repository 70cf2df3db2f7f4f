"""The outbox and its relay."""

import threading
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from kernel.events import subscriptions
from kernel.events.envelope import Envelope
from kernel.events.models import OutboxEvent
from kernel.events.relay import relay_once
from kernel.events.services import event_emit
from kernel.events.streams import StreamPublisher
from kernel.events.subscriptions import subscribes
from kernel.events.topics import Payload, PayloadRefused, UnknownTopic, register_topic
from tenants.models import Tenant

TOPIC = "test.outbox.noted"


class Noted(Payload):
    number: int


register_topic(TOPIC, Noted)


@pytest.fixture
def seen() -> Iterator[list[Envelope]]:
    """What a subscriber of the test's topic got; it fails once for number 13."""
    got: list[Envelope] = []
    failed: set[str] = set()

    @subscribes(TOPIC, name="test.outbox")
    def note(event: Envelope) -> None:
        if event.data["number"] == 13 and event.id not in failed:
            failed.add(event.id)
            raise ConnectionError("not now")
        assert connection.schema_name == event.schema_name
        got.append(event)

    yield got
    del subscriptions._subscriptions["test.outbox"]


def _emit(number: int, aggregate: str = "case:1") -> OutboxEvent:
    return event_emit(topic=TOPIC, aggregate=aggregate, data={"number": number}, actor="user:1")


def _numbers(events: list[Envelope]) -> list[int]:
    return [event.data["number"] for event in events]


def test_emit_outside_transaction_is_refused(committed: Tenant) -> None:
    with tenant_context(committed), pytest.raises(TransactionManagementError):
        _emit(1)


def test_emit_refuses_unknown_topics_and_payloads(in_acme: Tenant) -> None:
    with pytest.raises(UnknownTopic, match="not registered"):
        event_emit(topic="test.nobody", aggregate="case:1", data={}, actor="user:1")
    with pytest.raises(PayloadRefused, match="number"):
        event_emit(topic=TOPIC, aggregate="case:1", data={"number": "many", "more": 1}, actor="user:1")
    assert not OutboxEvent.objects.exists()


def test_event_rolls_back_with_its_state(committed: Tenant, seen: list[Envelope]) -> None:
    with tenant_context(committed), pytest.raises(ZeroDivisionError), transaction.atomic():
        _emit(1)
        raise ZeroDivisionError

    relay_once(None)

    assert seen == []


def test_events_of_an_aggregate_arrive_in_order_and_once(committed: Tenant, seen: list[Envelope]) -> None:
    with tenant_context(committed), transaction.atomic():
        for number in range(1, 5):
            _emit(number)

    while relay_once(None):
        pass

    assert _numbers(seen) == [1, 2, 3, 4]
    assert [event.sequence for event in seen] == [1, 2, 3, 4]
    assert {event.schema_name for event in seen} == {"acme"}


def test_failing_handler_holds_back_its_aggregate_only(committed: Tenant, seen: list[Envelope]) -> None:
    with tenant_context(committed), transaction.atomic():
        _emit(13, "case:1")
        _emit(14, "case:1")
        _emit(1, "case:2")

    while relay_once(None):
        pass
    assert _numbers(seen) == [1]

    OutboxEvent.objects.update(retry_at=timezone.now())
    while relay_once(None):
        pass
    assert _numbers(seen) == [1, 13, 14]


def test_transaction_that_commits_late_is_not_skipped(committed: Tenant, seen: list[Envelope]) -> None:
    wrote, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with schema_context("acme"), transaction.atomic():
            _emit(1, "case:slow")
            wrote.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    wrote.wait(10)
    with tenant_context(committed), transaction.atomic():
        _emit(2, "case:fast")
    relay_once(None)
    may_commit.set()
    thread.join(10)
    while relay_once(None):
        pass

    assert sorted(_numbers(seen)) == [1, 2]


def test_concurrent_writers_of_one_aggregate_get_a_sequence_without_gaps(committed: Tenant, seen: list[Envelope]) -> None:
    def write(number: int) -> None:
        with schema_context("acme"), transaction.atomic():
            _emit(number)
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20, 28)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    while relay_once(None):
        pass

    assert [event.sequence for event in seen] == list(range(1, 9))


def test_stream_gets_what_valkey_missed_while_it_was_away(committed: Tenant, seen: list[Envelope]) -> None:
    away = StreamPublisher("redis://127.0.0.1:1/0")
    with tenant_context(committed), transaction.atomic():
        _emit(1)
        _emit(2)

    relay_once(away)
    assert _numbers(seen) == [1]  # subscribers do not wait for the stream

    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(f"vos:events:{TOPIC}")
    while relay_once(StreamPublisher(settings.REDIS_URL)):
        pass
    assert client.xlen(f"vos:events:{TOPIC}") == 2
    client.close()
