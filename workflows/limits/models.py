"""Limits that all workers share, so they lie in Postgres: a definition's, and a breaker for each dependency."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

MOST_STARTS = 1000
LONGEST_WINDOW = 86_400


class DefinitionLimit(models.Model):
    """At most ``at_once`` runs of a definition for each key, and at most ``starts`` in any ``per_seconds``. Others wait in order.

    ``key`` is a text with references, such as ``${inputs.customer}``: runs with the same text share their places; an empty one
    means all runs of the definition. ``begun`` are the times of the newest starts. ``declared``: it stands in the definition, and
    publishing the next version may change it; what a person sets by hand stays.
    """

    id = models.BigAutoField(primary_key=True)
    definition = models.CharField(max_length=60, unique=True)
    at_once = models.PositiveIntegerField(null=True)
    key = models.CharField(max_length=200, blank=True)
    starts = models.PositiveIntegerField(null=True)
    per_seconds = models.PositiveIntegerField(null=True)
    begun = ArrayField(models.DateTimeField(), default=list)
    declared = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=120)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(at_once=None) | Q(at_once__gte=1), name="limit_at_once_positive"),
            models.CheckConstraint(
                condition=Q(starts=None, per_seconds=None)
                | Q(starts__range=(1, MOST_STARTS), per_seconds__range=(1, LONGEST_WINDOW)),
                name="limit_rate_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.definition


class Breaker(models.Model):
    """What is known of one dependency of steps, such as ``agent:target``: closed, open until a time, or probed by one step."""

    id = models.BigAutoField(primary_key=True)
    dependency = models.CharField(max_length=160, unique=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True, help_text="Until when one step may try it.")
    last_error = models.TextField(blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(probe_until=None) | Q(open_until__isnull=False), name="breaker_probed_while_open")
        ]

    def __str__(self) -> str:
        return f"{self.dependency} ({self.failures} failures)"
