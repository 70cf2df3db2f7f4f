"""Runs of agents, and what they said on the way."""

import uuid

from django.db import models
from django.utils import timezone

from kernel.processes.transitions import TERMINAL, State
from kernel.scheduler.policies import Priority

STATES = [(state.value, state.value) for state in State]
# Sorted: a set has no order, and the migrations must not see another one each time.
_ENDED = models.Q(state__in=sorted(state.value for state in TERMINAL))


class Method(models.TextChoices):
    """How the work was done; pages say so."""

    DETERMINISTIC = "deterministic"
    MODEL_ASSISTED = "model-assisted"


class Signal(models.TextChoices):
    """What somebody asked a running process to do; it answers at its next checkpoint."""

    PAUSE = "pause"
    STOP = "stop"


class Restart(models.TextChoices):
    """What follows when its program ended, for a process that has one."""

    NEVER = "never"
    ON_FAILURE = "on-failure"
    ALWAYS = "always"


class WhenParentEnds(models.TextChoices):
    """What becomes of a process whose parent has ended: it ends too, or the nearest living ancestor takes it."""

    STOP = "stop"
    ADOPT = "adopt"


class Process(models.Model):
    """One run of one agent. ``group`` is the pid at the root of its tree.

    With a ``program`` any worker may take it, and the lease (``worker``, ``fence``, ``lease_until``) says who has; without one it
    is held by whoever started it, such as a workflow's step, and fails when that is gone.
    """

    pid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.CharField(max_length=120, help_text="Agent and version, such as target@1.0.0.")
    subject = models.CharField(max_length=200, blank=True, help_text="What it works on, such as opportunity:12.")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    group = models.UUIDField(db_index=True)
    state = models.CharField(max_length=12, choices=STATES, default=State.NEW.value)
    signal = models.CharField(max_length=8, choices=Signal, blank=True)
    method = models.CharField(max_length=16, choices=Method, default=Method.DETERMINISTIC)
    actor = models.CharField(max_length=120)
    inputs = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    limit_steps = models.PositiveIntegerField(null=True)
    limit_tokens = models.PositiveBigIntegerField(null=True)
    limit_seconds = models.PositiveIntegerField(null=True)
    limit_tool_calls = models.PositiveIntegerField(null=True)
    limit_depth = models.PositiveSmallIntegerField(null=True)
    limit_children = models.PositiveIntegerField(null=True)
    used_steps = models.PositiveIntegerField(default=0)
    used_tokens = models.PositiveBigIntegerField(default=0)
    used_tool_calls = models.PositiveIntegerField(default=0)
    depth = models.PositiveSmallIntegerField(default=0, help_text="Generations above it; 0 at the root.")
    has_children = models.BooleanField(default=False)
    when_parent_ends = models.CharField(max_length=8, choices=WhenParentEnds, default=WhenParentEnds.STOP)
    priority = models.PositiveSmallIntegerField(
        choices=[(p.value, p.name.lower()) for p in Priority],
        default=Priority.NORMAL.value,
        help_text="Of its model calls.",
    )
    waiting_for = models.CharField(max_length=200, blank=True, help_text="While waiting, such as approval:4 or child:<pid>.")
    program = models.CharField(max_length=60, blank=True, help_text="What workers run for it; empty: its starter does.")
    restart = models.CharField(max_length=12, choices=Restart, default=Restart.NEVER)
    most_failures = models.PositiveSmallIntegerField(default=5, help_text="Failures or lost workers in a row that end it.")
    restart_seconds = models.PositiveIntegerField(default=1, help_text="The first pause; it doubles with each failure in a row.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")
    worker = models.CharField(max_length=120, blank=True)
    fence = models.PositiveIntegerField(default=0, help_text="Counts the leases; only the newest holder may commit.")
    lease_until = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True, help_text="Not to be taken before.")
    last_event = models.PositiveIntegerField(default=0, help_text="Number of its newest event.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=[s.value for s in State]), name="process_state_known"),
            models.CheckConstraint(
                condition=(_ENDED & models.Q(ended_at__isnull=False)) | (~_ENDED & models.Q(ended_at=None)),
                name="process_ended_with_its_state",
            ),
            models.CheckConstraint(condition=models.Q(priority__in=[p.value for p in Priority]), name="process_priority_known"),
            models.CheckConstraint(
                condition=models.Q(restart=Restart.NEVER) | ~models.Q(program=""), name="process_restart_needs_a_program"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="process_newest"),
            models.Index(fields=["subject", "-created_at"], name="process_subject"),
            models.Index(fields=["heartbeat_at"], name="process_heartbeat", condition=models.Q(state="running")),
            models.Index(fields=["state", "-created_at"], name="process_state_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.pid} ({self.state})"

    @property
    def has_ended(self) -> bool:
        """Whether it will never run again."""
        return State(self.state) in TERMINAL


class ProcessEvent(models.Model):
    """One thing a process did or said. Numbered from 1 in each process, without gaps, in the order they commit."""

    id = models.BigAutoField(primary_key=True)
    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "number"], name="process_event_number_unique")]

    def __str__(self) -> str:
        return f"{self.process_id}#{self.number} {self.kind}"


class ProcessOverview(Process):
    """Processes as operators see them; for the admin's page."""

    class Meta:
        proxy = True
        verbose_name = "process"
        verbose_name_plural = "processes"
