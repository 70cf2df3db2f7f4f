"""Writing events. Publishing and delivering them is the relay's work (``kernel.events.relay``)."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from kernel.events.models import OutboxEvent
from kernel.events.topics import Payload, validated_data
from kernel.schemas import current_schema
from kernel.statements import PlannedQuery
from kernel.tracing import trace_context

# The advisory lock is held to the end of the transaction, so that events of one aggregate commit in the order of their
# sequence; other aggregates are not delayed.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(schema)s || '|' || %(aggregate)s, 0))"

# Asked for by every event.
_LAST = PlannedQuery(
    lambda schema, aggregate: (
        OutboxEvent.objects.filter(schema_name=schema, aggregate=aggregate).order_by("-sequence").values_list("sequence")
    ),
    (str, str),
)


def event_emit(*, topic: str, aggregate: str, data: Mapping[str, Any] | Payload, actor: str) -> OutboxEvent:
    """Write an event about ``aggregate`` (such as ``case:12``) for the current tenant, to commit with the caller's state.

    Raises TransactionManagementError outside a transaction, UnknownTopic and PayloadRefused for what is not declared.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("event_emit must run inside transaction.atomic, together with the change it tells of.")
    values = validated_data(topic, data)
    schema = current_schema()
    _lock_aggregate(schema, aggregate)
    last = _LAST.first(schema, aggregate)
    return OutboxEvent.objects.create(
        schema_name=schema,
        topic=topic,
        aggregate=aggregate,
        sequence=(last[0] if last else 0) + 1,
        actor=actor,
        data=values,
        trace_context=trace_context(),
    )


def _lock_aggregate(schema: str, aggregate: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"schema": schema, "aggregate": aggregate})
