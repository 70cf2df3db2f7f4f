"""Stops, and the people who released them. The database refuses to change or delete either (triggers of migration 0001)."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Kind(models.TextChoices):
    """What is stopped."""

    AGENT = "agent", "one agent"
    WORKFLOW = "workflow", "one workflow"
    TENANT = "tenant", "a whole tenant"
    PLATFORM = "platform", "the whole platform"


NAMED = (Kind.AGENT, Kind.WORKFLOW)
# How many different people it takes; the trigger ``stops_guard_release`` counts them itself.
RELEASED_BY = 2
# Words for a release that count now, by the database's clock; the trigger reads the same.
STANDING = Q(withdrawn_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))


class Stop(models.Model):
    """A stop is in force from the commit of its row until ``released_at``; no clock has a say in that.

    ``key`` names the agent or the workflow. ``schema_name`` is the tenant's; empty is every tenant's, which only an operator can
    stop.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=120, blank=True, help_text="The agent's or the workflow's name.")
    schema_name = models.CharField(max_length=63, blank=True, help_text="The tenant's schema; empty: every tenant's.")
    reason = models.CharField(max_length=500)
    set_by = models.CharField(max_length=120)
    set_by_name = models.CharField(max_length=120)
    by_operator = models.BooleanField()
    set_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="stop_kind_known"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in NAMED]) ^ Q(key=""), name="stop_key_where_it_counts"
            ),
            models.CheckConstraint(condition=~Q(kind="tenant") | ~Q(schema_name=""), name="stop_of_a_tenant_names_it"),
            models.CheckConstraint(condition=~Q(kind="platform") | Q(schema_name=""), name="stop_of_the_platform_is_of_all"),
            models.CheckConstraint(condition=~Q(reason=""), name="stop_with_a_reason"),
            models.CheckConstraint(
                condition=Q(by_operator=True, set_by__startswith="operator:")
                | (Q(by_operator=False, set_by__startswith="user:") & ~Q(schema_name="")),
                name="stop_set_by_a_person",
            ),
            models.UniqueConstraint(
                fields=["kind", "key", "schema_name", "by_operator"], condition=Q(released_at=None), name="stop_in_force_once"
            ),
        ]
        indexes = [
            # Every process asks for these several times a second; nearly all rows are over.
            models.Index(fields=["id"], name="stop_in_force", condition=Q(released_at=None)),
            models.Index(fields=["schema_name", "-id"], name="stop_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} ({'released' if self.released_at else 'in force'})"

    @property
    def scope(self) -> str:
        """What is stopped, in words."""
        where = f" in {self.schema_name}" if self.schema_name else " everywhere"
        match self.kind:
            case Kind.PLATFORM:
                return "the platform"
            case Kind.TENANT:
                return f"tenant {self.schema_name}"
            case _:
                return f"{self.kind} {self.key}{where}"

    @property
    def reference(self) -> str:
        """What audit records and events name it by."""
        return f"stop:{self.public_id}"


class StopRelease(models.Model):
    """That one person wants a stop released. With the second person's it is. ``person`` is the account, whoever acts with it.

    A word stands until ``expires_at`` or ``withdrawn_at``; then it is history, and its person may give it anew.
    """

    id = models.BigAutoField(primary_key=True)
    stop = models.ForeignKey(Stop, on_delete=models.PROTECT, related_name="releases")
    schema_name = models.CharField(max_length=63, blank=True, help_text="The stop's.")
    person = models.BigIntegerField()
    actor = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="stop_release_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.stop_id}"

    def stands(self, now: datetime) -> bool:
        """Whether it counts at ``now``, the database's time; of a released stop: whether it counted."""
        return self.withdrawn_at is None and (self.expires_at is None or self.expires_at > now)
