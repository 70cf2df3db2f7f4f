"""The transactional outbox: events commit with the state they tell of, and are published and delivered afterwards."""

import uuid

from django.db import models
from django.utils import timezone

from kernel.events.envelope import Envelope


class OutboxEvent(models.Model):
    """One event, in the public schema so that one query finds the work of all tenants.

    ``sequence`` counts the events of one aggregate of one tenant from 1. A writer holds the aggregate's lock until it commits,
    so what is visible of an aggregate never has a gap, and the relay, which looks for what is not done, skips nobody.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    schema_name = models.CharField(max_length=63)
    topic = models.CharField(max_length=120)
    aggregate = models.CharField(max_length=200, help_text="What the event is about, such as case:12.")
    sequence = models.PositiveBigIntegerField()
    actor = models.CharField(max_length=120)
    data = models.JSONField()
    trace_context = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schema_name", "aggregate", "sequence"], name="outbox_sequence_unique"),
        ]
        indexes = [
            # The relay asks every fraction of a second; nearly all rows are done, so only the open ones are indexed.
            models.Index(fields=["id"], name="outbox_open", condition=models.Q(published_at=None) | models.Q(delivered_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.aggregate}#{self.sequence}"

    def envelope(self) -> Envelope:
        """The event as subscribers and streams get it."""
        return Envelope(
            id=str(self.public_id),
            topic=self.topic,
            schema_name=self.schema_name,
            aggregate=self.aggregate,
            sequence=self.sequence,
            actor=self.actor,
            occurred_at=self.occurred_at,
            data=self.data,
        )


class EventDelivery(models.Model):
    """That one subscriber has handled one event; written in the transaction of the handling, so it happens once."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=120)
    delivered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.event_id}"
