"""Triggers, and each time one fired: a key fires once, whatever is sent again."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

MOST_CAUGHT_UP = 100


class Kind(models.TextChoices):
    """What a trigger listens to."""

    EVENT = "event", "an event"
    CRON = "cron", "set times"
    WEBHOOK = "webhook", "a signed call from outside"
    API = "api", "a call of the API"
    FORM = "form", "a form that a person fills in"


class CatchUp(models.TextChoices):
    """What follows when times were missed, because everything was down or the trigger was off."""

    NONE = "none", "nothing"
    LATEST = "latest", "one run, for the latest"
    ALL = "all", "a run for each, the oldest first"


class Trigger(models.Model):
    """Starts runs of ``definition``. ``inputs`` and ``subject`` may refer to what came, as ``${event.data.customer}``.

    Runs are started in the name of ``acts_as``, with the role that person has at that time. A webhook's secret is derived from
    the server's key and ``secret_salt``, so that no row holds one; the former one is good until ``former_until``. ``declared`` is
    its key in the definition that says it; empty for one that a person made by hand.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    definition = models.CharField(max_length=60)
    inputs = models.JSONField(default=dict)
    subject = models.CharField(max_length=200, blank=True)
    enabled = models.BooleanField(default=True)
    acts_as = models.CharField(max_length=120)
    priority = models.CharField(max_length=20, blank=True)
    most_an_hour = models.PositiveIntegerField(default=600)
    topic = models.CharField(max_length=120, blank=True)
    match = models.JSONField(default=dict)
    crontab = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="Such as Europe/Berlin; empty: the tenant's.")
    next_at = models.DateTimeField(null=True)
    catch_up = models.CharField(max_length=8, choices=CatchUp, default=CatchUp.LATEST)
    catch_up_most = models.PositiveIntegerField(default=10)
    secret_salt = models.CharField(max_length=64, blank=True)
    former_salt = models.CharField(max_length=64, blank=True)
    former_until = models.DateTimeField(null=True)
    declared = models.CharField(max_length=60, blank=True, default="")
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind=Kind.EVENT) ^ Q(topic=""), name="trigger_topic_where_it_counts"),
            models.CheckConstraint(condition=Q(kind=Kind.CRON) ^ Q(crontab=""), name="trigger_crontab_where_it_counts"),
            models.CheckConstraint(condition=Q(kind=Kind.WEBHOOK) ^ Q(secret_salt=""), name="trigger_secret_where_it_counts"),
            models.CheckConstraint(condition=Q(catch_up_most__range=(1, MOST_CAUGHT_UP)), name="trigger_catch_up_bounded"),
            models.CheckConstraint(condition=Q(most_an_hour__gte=1), name="trigger_rate_positive"),
            models.UniqueConstraint(fields=["definition", "declared"], condition=~Q(declared=""), name="trigger_declared_once"),
        ]
        indexes = [
            models.Index(fields=["topic"], name="trigger_by_topic", condition=Q(kind="event", enabled=True)),
            models.Index(fields=["-created_at"], name="trigger_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_kind_display()} → {self.definition})"

    @property
    def reference(self) -> str:
        """What audit records and runs name it by."""
        return f"trigger:{self.public_id}"


class TriggerFiring(models.Model):
    """One time that a trigger fired, or was to. ``key`` is the event's id, the set time, or the delivery's id."""

    class Outcome(models.TextChoices):
        """What came of it."""

        STARTED = "started"
        REFUSED = "refused"
        MISSED = "missed"

    id = models.BigAutoField(primary_key=True)
    trigger = models.ForeignKey(Trigger, on_delete=models.PROTECT, related_name="firings")
    key = models.CharField(max_length=200)
    outcome = models.CharField(max_length=8, choices=Outcome)
    execution = models.ForeignKey("workflows.Execution", on_delete=models.PROTECT, null=True, related_name="firings")
    cause = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="What came, without its content.")
    error = models.TextField(blank=True)
    fired_by = models.CharField(max_length=120)
    due_at = models.DateTimeField(null=True, help_text="The set time, for those that have one.")
    fired_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trigger", "key"], name="firing_once"),
            models.CheckConstraint(condition=~Q(key=""), name="firing_with_key"),
            models.CheckConstraint(condition=Q(outcome="started") ^ Q(execution=None), name="firing_started_a_run"),
        ]
        indexes = [models.Index(fields=["trigger", "-fired_at"], name="firing_newest")]

    def __str__(self) -> str:
        return f"{self.trigger_id} {self.key} {self.outcome}"
