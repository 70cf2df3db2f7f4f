"""Runs of workflows: executions, their steps, each attempt at a step, and the signals that are sent to them.

Rows are the truth: a wake-up that gets lost is sent again from the list of due work, a worker that dies loses its lease. States
move only where the tables in ``workflows.states`` lead, and what a run was started with cannot be edited (database triggers).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kernel.guardrails.taint import Taint
from kernel.scheduler.models import DueWork
from kernel.schemas import current_schema
from workflows.definition import Definition
from workflows.progress import Ways
from workflows.states import LEASED, OPEN, ExecutionState, StepState

# Plain strings, so that migrations do not import today's enumerations.
_EXECUTION_STATES = [state.value for state in ExecutionState]
_STEP_STATES = [state.value for state in StepState]
_LEASED = sorted(state.value for state in LEASED)
_WAITING, _FAILED = StepState.WAITING.value, StepState.FAILED.value

# By schema as well as by hash: a tenant that forged a hash in its own rows must not change what another one runs.
_ways: dict[tuple[str, str], Ways] = {}
_MOST_GRAPHS = 500


class Execution(models.Model):
    """One run of a definition, which it keeps a snapshot of: a newer version of the definition does not touch it.

    ``paused_at`` stops workers from taking its steps; what is running ends, what arrives is kept. ``start_key`` makes starting
    idempotent: a second start under the same key is the first one.

    A run that another run's step started is its child: ``parent_step``, and ``place``, the index of the item or iteration. What
    was replaced by a new try at the same place has ``replaced_at``. ``begun_at`` is empty while it is held back (by its parent's
    bound on children at once, or by a limit on its ``concurrency_key``); nobody takes its steps until then. ``output`` is what it
    gave when it was completed. ``forked_from`` and ``fork_step`` name the run, and its step, that a what-if branches off.
    ``priority`` is the scheduling class of its agents' model calls, empty for the usual one. ``trigger`` says what started it;
    ``taint`` is untrusted once something from outside was among its data.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    definition = models.JSONField()
    definition_hash = models.CharField(max_length=71)
    title = models.CharField(max_length=120)
    subject = models.CharField(max_length=200, blank=True, help_text="What it is about, such as customer:3f1b….")
    state = models.CharField(max_length=12, default=ExecutionState.RUNNING.value, choices=[(s, s) for s in _EXECUTION_STATES])
    inputs = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    started_by = models.CharField(max_length=120)
    start_key = models.CharField(max_length=200, blank=True)
    trace_context = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True, default=timezone.now)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    output = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    parent_step = models.ForeignKey("Step", on_delete=models.PROTECT, null=True, related_name="children", db_index=False)
    place = models.PositiveIntegerField(null=True)
    replaced_at = models.DateTimeField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    forked_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="forks", db_index=False)
    fork_step = models.CharField(max_length=60, blank=True)
    concurrency_key = models.CharField(max_length=200, blank=True)
    priority = models.CharField(max_length=20, blank=True)
    trigger = models.CharField(max_length=200, blank=True)
    taint = models.CharField(max_length=10, default=Taint.CLEAN.value, choices=[(t.value, t.value) for t in Taint])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=_EXECUTION_STATES), name="execution_state_known"),
            models.UniqueConstraint(fields=["name", "start_key"], condition=~Q(start_key=""), name="execution_started_once"),
            models.UniqueConstraint(
                fields=["parent_step", "place"],
                condition=Q(replaced_at=None, parent_step__isnull=False),
                name="execution_place_once",
            ),
            models.CheckConstraint(
                condition=Q(parent_step=None, place=None, depth=0)
                | Q(parent_step__isnull=False, place__isnull=False, depth__gte=1),
                name="execution_child_has_place",
            ),
            models.CheckConstraint(
                condition=Q(forked_from=None, fork_step="") | (Q(forked_from__isnull=False) & ~Q(fork_step="")),
                name="execution_forked_at_step",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="execution_newest"),
            models.Index(fields=["subject", "-created_at"], name="execution_subject"),
            # A parent asks for children that are still open, and for the next one to begin; nearly all others are over.
            models.Index(
                fields=["parent_step", "place"],
                name="execution_open_child",
                condition=Q(state=ExecutionState.RUNNING.value, parent_step__isnull=False),
            ),
            models.Index(fields=["parent_step"], name="execution_children", condition=Q(parent_step__isnull=False)),
            models.Index(fields=["forked_from"], name="execution_forks", condition=Q(forked_from__isnull=False)),
            models.Index(
                fields=["name", "concurrency_key", "id"],
                name="execution_by_key",
                condition=~Q(concurrency_key="") & Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.public_id} ({self.state})"

    @property
    def reference(self) -> str:
        """The aggregate of its events and the subject of its audit records."""
        return f"execution:{self.public_id}"

    @property
    def graph(self) -> Definition:
        """The definition that it runs by."""
        return self.ways.definition

    @property
    def ways(self) -> Ways:
        """Which step of its definition leads to which."""
        key = (current_schema(), self.definition_hash)
        if key not in _ways:
            if len(_ways) >= _MOST_GRAPHS:
                _ways.clear()
            _ways[key] = Ways.of(Definition.from_snapshot(self.definition))
        return _ways[key]

    @property
    def is_paused(self) -> bool:
        """Whether workers leave its steps alone."""
        return self.paused_at is not None


class Step(models.Model):
    """One step of one run. ``fence`` grows with every claim and every cancelling: who has an older number may not commit.

    ``failures`` counts failed attempts in a row since a person last asked for one; ``attempt`` counts all. ``taken`` are the
    steps it led to, ``closed_number`` its place in the order in which steps ended (compensation goes backwards).
    """

    id = models.BigAutoField(primary_key=True)
    execution = models.ForeignKey(Execution, on_delete=models.PROTECT, related_name="steps", db_index=False)
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    position = models.PositiveIntegerField(help_text="Its place in the definition.")
    state = models.CharField(max_length=20, default=StepState.PENDING.value, choices=[(s, s) for s in _STEP_STATES])
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="When waiting is over.")
    waiting_kind = models.CharField(max_length=40, blank=True)
    waiting_key = models.CharField(max_length=200, blank=True)
    waiting_match = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    input = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    output = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    taken = ArrayField(models.CharField(max_length=60), default=list)
    closed_number = models.PositiveIntegerField(null=True)
    error_class = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why a person skipped it, or gave it another output.")
    overridden_by = models.CharField(max_length=120, blank=True, help_text="Who gave it another output than it had.")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["execution", "key"], name="step_key_once"),
            models.UniqueConstraint(fields=["execution", "closed_number"], name="step_closed_number_once"),
            models.CheckConstraint(condition=Q(state__in=_STEP_STATES), name="step_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=_LEASED, lease_until__isnull=False) | (~Q(state__in=_LEASED) & Q(lease_until=None)),
                name="step_leased_while_running",
            ),
            models.CheckConstraint(
                condition=(Q(state=_WAITING) & ~Q(waiting_kind="")) | (~Q(state=_WAITING) & Q(waiting_kind="")),
                name="step_waits_for_something",
            ),
            models.CheckConstraint(
                condition=~Q(state=StepState.COMPLETED.value) | Q(output__isnull=False, closed_number__isnull=False),
                name="step_completed_with_output",
            ),
        ]
        indexes = [
            models.Index(fields=["waiting_kind", "waiting_key"], name="step_waiting", condition=Q(state=_WAITING)),
            models.Index(fields=["id"], name="step_failed", condition=Q(state__in=[_FAILED, "compensation_failed"])),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether its run cannot be at its end because of it."""
        return StepState(self.state) in OPEN


class Attempt(models.Model):
    """One time that a worker held a step, or undid it. ``fence`` is the number of its lease; ``retry_at`` when it is tried again.

    ``process`` is the pid of the process that worked for it, if one did: what a failed attempt used was paid for as well.
    """

    class Purpose(models.TextChoices):
        """Doing or undoing."""

        RUN = "run"
        COMPENSATE = "compensate"

    class Outcome(models.TextChoices):
        """How it ended. ``lost``: the worker's lease expired. ``cancelled``: a person ended the run meanwhile."""

        RUNNING = "running"
        COMPLETED = "completed"
        WAITING = "waiting"
        FAILED = "failed"
        LOST = "lost"
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.RUN)
    fence = models.PositiveBigIntegerField()
    worker = models.CharField(max_length=120)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    error_class = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)
    trace = models.CharField(max_length=32, blank=True)
    process = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="attempt_number_once"),
            # The last word on double commits: one fencing number closes at most one attempt.
            models.UniqueConstraint(fields=["step", "fence"], name="attempt_fence_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="attempt_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}#{self.number} {self.outcome}"


class Signal(models.Model):
    """A message to a run, kept until a step takes it: it may come before the step begins to wait. Taken at most once.

    ``key`` tells two messages from one that was sent twice: under the same key of the same run the second is the first.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="signals", db_index=False)
    name = models.CharField(max_length=60)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(max_length=200, blank=True)
    sent_by = models.CharField(max_length=120)
    sent_at = models.DateTimeField(default=timezone.now)
    taken_by_step = models.ForeignKey(Step, on_delete=models.PROTECT, null=True, related_name="signals", db_index=False)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["execution", "key"], condition=~Q(key=""), name="signal_sent_once"),
            models.CheckConstraint(
                condition=Q(taken_by_step=None, taken_at=None) | Q(taken_by_step__isnull=False, taken_at__isnull=False),
                name="signal_taken_by_and_at",
            ),
        ]
        indexes = [models.Index(fields=["execution", "name", "id"], name="signal_of_run")]

    def __str__(self) -> str:
        return f"{self.name} to {self.execution_id}"


class DueStep(DueWork):
    """Steps that somebody is to look at, of all tenants, as operators see them: no tenant's data, only that work is due."""

    class Meta:
        proxy = True
        verbose_name = "due workflow step"
