"""How the queues of a group's deployments choose who goes next, and what tenants weigh there."""

from django.core.validators import MaxValueValidator
from django.db import models

from kernel.llm.models.deployments import AT_LEAST_ONE, DEFAULT_GROUP
from kernel.scheduler.policies import Discipline

LARGEST_WEIGHT = 100
PERCENT = (AT_LEAST_ONE, MaxValueValidator(100))


class Preemption(models.TextChoices):
    """Which running calls may be told to make room for a higher class, where the policy knows classes."""

    NEVER = "never", "none"
    CONTINUED = "continued", "those that go on where they stood"
    ALWAYS = "always", "all; what cannot go on begins anew, once"


class ModelGroupPolicy(models.Model):
    """How the queues of a group's deployments choose who goes next. A change is in force with the next decision.

    ``updated_at`` is the policy's version: of two that workers know, the later one counts.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.CharField(max_length=60, unique=True, default=DEFAULT_GROUP)
    discipline = models.CharField(
        max_length=12,
        choices=[(one.value, one.name.replace("_", " ").lower()) for one in Discipline],
        default=Discipline.FAIR.value,
    )
    quantum_tokens = models.PositiveIntegerField(
        default=4000, validators=[AT_LEAST_ONE], help_text="Round robin: tokens of a tenant of weight 1 per round."
    )
    aging_seconds = models.PositiveSmallIntegerField(
        default=30, validators=[AT_LEAST_ONE], help_text="Priority and deadline: who waits so long rises by one class."
    )
    horizon_seconds = models.PositiveSmallIntegerField(
        default=60, help_text="Deadline: how soon requests that name no deadline should begin."
    )
    slot_share = models.PositiveSmallIntegerField(
        default=100, validators=PERCENT, help_text="Per cent of the slots that one tenant may hold."
    )
    queue_share = models.PositiveSmallIntegerField(
        default=50, validators=PERCENT, help_text="Per cent of the queue's places that one tenant may take."
    )
    longest_queue = models.PositiveIntegerField(
        default=1000, validators=[AT_LEAST_ONE], help_text="So many may wait; the next is refused with a time to come again."
    )
    burst_seconds = models.PositiveSmallIntegerField(
        default=1, validators=[AT_LEAST_ONE], help_text="What so many seconds of a minute's limit allow may go at once."
    )
    preemption = models.CharField(
        max_length=12,
        choices=Preemption,
        default=Preemption.ALWAYS,
        help_text="Which running calls make room for a higher class (priority, deadline and fair know classes).",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "model group policies"
        constraints = [
            models.CheckConstraint(condition=models.Q(preemption__in=Preemption.values), name="group_policy_preemption_known"),
            models.CheckConstraint(
                condition=models.Q(quantum_tokens__gte=1, aging_seconds__gte=1, longest_queue__gte=1, burst_seconds__gte=1),
                name="group_policy_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(slot_share__range=(1, 100), queue_share__range=(1, 100)), name="group_policy_shares_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(discipline__in=[one.value for one in Discipline]), name="group_policy_discipline_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.discipline}"


class QueueOverview(ModelGroupPolicy):
    """No row of its own: the operators' live page of the queues (``admin/live.py``)."""

    class Meta:
        proxy = True
        verbose_name = "queue"
        verbose_name_plural = "queues now"


class ModelShare(models.Model):
    """What a tenant weighs among tenants on a group's models, or one of its agents and workflows among its own.

    Of a tenant's rows that tenant can read its own only. Who has none weighs 1.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.CharField(max_length=60, default=DEFAULT_GROUP)
    schema_name = models.CharField(max_length=63, help_text="The tenant's schema.")
    unit = models.CharField(
        max_length=120, blank=True, help_text="Empty for the tenant; else agent:target, workflow:lifecycle, …"
    )
    weight = models.PositiveSmallIntegerField(default=1, validators=[AT_LEAST_ONE, MaxValueValidator(LARGEST_WEIGHT)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "schema_name", "unit"], name="model_share_unique"),
            models.CheckConstraint(condition=models.Q(weight__range=(1, LARGEST_WEIGHT)), name="model_share_weight_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.schema_name} {self.unit} on {self.group}: {self.weight}"
