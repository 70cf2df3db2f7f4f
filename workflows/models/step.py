"""Steps of runs."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from workflows.models.execution import Execution
from workflows.states import LEASED, OPEN, StepState

# Plain strings, so that migrations do not import today's enumerations.
_STEP_STATES = [state.value for state in StepState]
_LEASED = sorted(state.value for state in LEASED)
_WAITING, _FAILED = StepState.WAITING.value, StepState.FAILED.value


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
