"""The relay: publishes committed events to Valkey Streams and hands them to subscribers, at least once, in order per aggregate.

One relay works at a time (an advisory lock decides; a second one waits for the first to go). Publishing and delivering are
independent: without Valkey the subscribers still get their events, and the stream is filled when it is back.
"""

import logging
from datetime import timedelta
from typing import Protocol

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_tenants.utils import schema_context

from kernel.events.envelope import Envelope
from kernel.events.models import EventDelivery, OutboxEvent
from kernel.events.subscriptions import Subscription, subscriptions_to
from kernel.tracing import continued_trace

logger = logging.getLogger(__name__)

BATCH = 200
LEADER_LOCK = 0x564F5301  # "VOS" and a number: the advisory lock of the one relay
LONGEST_WAIT_SECONDS = 60
# Asked ten times a second, mostly for nothing, so it is one statement that nobody has to put together.
_DUE = f"""
SELECT EXISTS (SELECT FROM "{OutboxEvent._meta.db_table}"
WHERE published_at IS NULL OR (delivered_at IS NULL AND retry_at <= %s))
"""  # noqa: S608 - a name of ours


class Publisher(Protocol):
    """Where events go outside the database."""

    def publish(self, envelope: Envelope) -> None:
        """Append the event to its stream; raises OSError or a client error when the stream cannot be reached."""


def become_leader() -> bool:
    """Try to become the one relay of this database; held until the connection ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])
        return bool(cursor.fetchone()[0])


def relay_once(publisher: Publisher | None) -> int:
    """One round: publish what is open, deliver the first open event of each aggregate. Returns how many events moved on."""
    if not _is_something_due():
        return 0
    published = _publish_open(publisher) if publisher else 0
    delivered = sum(_deliver(event, event.envelope()) for event in _first_undelivered())
    return published + delivered


def _is_something_due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [timezone.now()])
        return bool(cursor.fetchone()[0])


def _publish_open(publisher: Publisher) -> int:
    published = 0
    for event in OutboxEvent.objects.filter(published_at=None).order_by("id")[:BATCH]:
        try:
            publisher.publish(event.envelope())
        except Exception as error:  # noqa: BLE001  -- the client raises its own family; the event stays open for the next round
            logger.warning("relay.stream_unreachable", extra={"event": str(event.public_id), "error": str(error)})
            break
        published += OutboxEvent.objects.filter(pk=event.pk).update(published_at=timezone.now())
    return published


def _first_undelivered() -> list[OutboxEvent]:
    """The earliest open event of each aggregate whose time has come: a failing event holds back its own aggregate only."""
    earlier = OutboxEvent.objects.filter(
        schema_name=OuterRef("schema_name"),
        aggregate=OuterRef("aggregate"),
        sequence__lt=OuterRef("sequence"),
        delivered_at=None,
    )
    heads = OutboxEvent.objects.filter(delivered_at=None, retry_at__lte=timezone.now()).exclude(Exists(earlier))
    return list(heads.order_by("id")[:BATCH])


def _deliver(event: OutboxEvent, envelope: Envelope) -> bool:
    try:
        for subscription in subscriptions_to(event.topic):
            _hand_over(subscription, event, envelope)
    except Exception as error:
        logger.exception("relay.delivery_failed", extra={"event": envelope.id, "topic": event.topic})
        _postpone(event, error)
        return False
    OutboxEvent.objects.filter(pk=event.pk).update(delivered_at=timezone.now(), last_error="")
    return True


def _hand_over(subscription: Subscription, event: OutboxEvent, envelope: Envelope) -> None:
    """Run one handler with its receipt in one transaction; the receipt is written by the owning role, then the role changes."""
    with transaction.atomic():
        _receipt, is_new = EventDelivery.objects.get_or_create(event=event, subscriber=subscription.name)
        if is_new:
            with schema_context(event.schema_name), continued_trace(event.trace_context, f"deliver {subscription.name}"):
                subscription.handler(envelope)


def _postpone(event: OutboxEvent, error: Exception) -> None:
    wait = min(2**event.attempts, LONGEST_WAIT_SECONDS)
    OutboxEvent.objects.filter(pk=event.pk).update(
        attempts=event.attempts + 1,
        retry_at=timezone.now() + timedelta(seconds=wait),
        last_error=f"{type(error).__name__}: {error}"[:2000],
    )
