"""Runs."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kernel.guardrails.taint import Taint
from kernel.schemas import current_schema
from workflows.definition import Definition
from workflows.progress import Ways
from workflows.states import ExecutionState

# Plain strings, so that migrations do not import today's enumerations.
_EXECUTION_STATES = [state.value for state in ExecutionState]

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
