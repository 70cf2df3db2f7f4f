"""Which agents run without anybody's asking: public rows that operators keep; tenants see only the processes."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from agents.standing.crontab import CrontabRefused, crontab_fields
from kernel.processes.models import Restart
from kernel.scheduler.policies import Priority
from tenants.roles import Role


class Starts(models.TextChoices):
    """When a standing agent starts."""

    BOOT = "boot", "with the tenant"
    CRON = "cron", "at set times"


class StandingAgent(models.Model):
    """One agent that is to run in one tenant or in each."""

    id = models.BigAutoField(primary_key=True)
    schema_name = models.CharField(max_length=63, blank=True, help_text="The tenant's schema; empty: every tenant.")
    agent = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True, help_text="What it works on, such as customer:<id>.")
    inputs = models.JSONField(default=dict, blank=True)
    role = models.CharField(
        max_length=20,
        choices=[(role.value, role.value) for role in Role],
        default=Role.SELLER.value,
        help_text="In whose rights it acts in the tenant; its manifest's capabilities bound it further.",
    )
    starts = models.CharField(max_length=8, choices=Starts, default=Starts.BOOT)
    crontab = models.CharField(max_length=120, blank=True, help_text="In UTC: minute hour day month weekday, such as 0 6 * * 1.")
    priority = models.PositiveSmallIntegerField(
        choices=[(p.value, p.name.lower()) for p in Priority], default=Priority.BATCH.value
    )
    restart = models.CharField(max_length=12, choices=Restart, default=Restart.ON_FAILURE)
    most_failures = models.PositiveSmallIntegerField(default=5, help_text="Failures in a row that end it.")
    restart_seconds = models.PositiveIntegerField(default=60, help_text="The first pause; it doubles with each failure.")
    enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts=Starts.BOOT, crontab="") | (models.Q(starts=Starts.CRON) & ~models.Q(crontab="")),
                name="standing_crontab_where_it_counts",
            ),
            models.CheckConstraint(condition=models.Q(most_failures__gte=1), name="standing_failures_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} in {self.schema_name or 'every tenant'}, {self.get_starts_display()}"

    @property
    def actor(self) -> str:
        """On whose behalf its processes run, as audit and processes name it."""
        return f"standing:{self.pk}"

    def clean(self) -> None:
        """Refuse times that nobody could read."""
        if self.starts == Starts.BOOT and self.crontab:
            raise ValidationError({"crontab": "Leave it empty for an agent that starts with the tenant."})
        if self.starts == Starts.CRON:
            try:
                crontab_fields(self.crontab)
            except CrontabRefused as refused:
                raise ValidationError({"crontab": str(refused)}) from refused
