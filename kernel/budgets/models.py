"""Budgets, what is reserved and spent of them, and the usage records that billing reads.

In the public schema, under row-level security: a tenant sees and writes only rows of its own schema name.
"""

import uuid
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from kernel.budgets.windows import Window

TENANT_SCOPE = "tenant"


def alert_percents_usual() -> list[int]:
    """Told when little is left, and when nothing is."""
    return [80, 100]


class Budget(models.Model):
    """How much one scope of a tenant may use in a window. A limit that is empty does not bound."""

    id = models.BigAutoField(primary_key=True)
    schema_name = models.CharField(max_length=63, help_text="The tenant's schema.")
    scope = models.CharField(
        max_length=120, default=TENANT_SCOPE, help_text="“tenant” for everything, or agent:target, workflow:lifecycle, …"
    )
    window = models.CharField(max_length=10, choices=[(w.value, w.value) for w in Window], default=Window.MONTH.value)
    limit_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    limit_money = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True, help_text="US dollars.")
    soft_tokens = models.PositiveBigIntegerField(null=True, blank=True, help_text="Spending beyond it is told, not refused.")
    soft_money = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True, help_text="The same in US dollars.")
    alert_percents = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(100)]),
        default=alert_percents_usual,
        blank=True,
        help_text="Shares of the limit whose passing is told, once a window, such as 80, 100.",
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schema_name", "scope", "window"], name="budget_unique"),
            models.CheckConstraint(condition=models.Q(window__in=[w.value for w in Window]), name="budget_window_known"),
            models.CheckConstraint(
                condition=models.Q(limit_money=None) | models.Q(limit_money__gte=0), name="budget_limit_money_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schema_name} {self.scope} per {self.window}"


class BudgetWindow(models.Model):
    """What one budget has spent and holds in one window; the row whose lock makes reserving exact."""

    id = models.BigAutoField(primary_key=True)
    schema_name = models.CharField(max_length=63)
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="windows")
    starts_at = models.DateTimeField()
    spent_tokens = models.PositiveBigIntegerField(default=0)
    spent_money = models.DecimalField(max_digits=18, decimal_places=8, default=Decimal(0))
    held_tokens = models.PositiveBigIntegerField(default=0)
    held_money = models.DecimalField(max_digits=18, decimal_places=8, default=Decimal(0))
    told = ArrayField(models.CharField(max_length=10), default=list, help_text="Thresholds whose passing was told.")

    class Meta:
        constraints = [
            # With the schema's name, so that no tenant's row can stand in the way of another's.
            models.UniqueConstraint(fields=["schema_name", "budget", "starts_at"], name="budget_window_unique"),
            models.CheckConstraint(
                condition=models.Q(spent_money__gte=0, held_money__gte=0), name="budget_window_money_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget} from {self.starts_at:%Y-%m-%d %H:%M}"


class ReservationState(models.TextChoices):
    """A reservation is held until it is settled with the truth, released unused, or expired because its holder died."""

    HELD = "held"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(models.Model):
    """Tokens and money put aside for one call, in every budget window that the call counts against."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schema_name = models.CharField(max_length=63)
    scopes = ArrayField(models.CharField(max_length=120))
    windows = ArrayField(models.BigIntegerField(), default=list)
    process = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=120, blank=True)
    tokens = models.PositiveBigIntegerField()
    money = models.DecimalField(max_digits=18, decimal_places=8)
    state = models.CharField(max_length=10, choices=ReservationState, default=ReservationState.HELD)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    slot = models.JSONField(null=True, help_text="The slot of a model that its call holds, for an emptied scheduler to know.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ReservationState.values), name="reservation_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=ReservationState.HELD, closed_at=None)
                | (~models.Q(state=ReservationState.HELD) & models.Q(closed_at__isnull=False)),
                name="reservation_closed_once",
            ),
            models.CheckConstraint(condition=models.Q(money__gte=0), name="reservation_money_positive"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="reservation_held", condition=models.Q(state="held"))]

    def __str__(self) -> str:
        return f"{self.tokens} tokens for {', '.join(self.scopes)}"


class UsageRecord(models.Model):
    """What one call really used and cost. One per settled reservation; billing and metering read these.

    An answer that was kept from an earlier call is recorded too (``cached``), without tokens, money or a reservation.
    """

    id = models.BigAutoField(primary_key=True)
    schema_name = models.CharField(max_length=63)
    reservation = models.OneToOneField(Reservation, on_delete=models.PROTECT, related_name="usage", null=True)
    occurred_at = models.DateTimeField(default=timezone.now)
    scopes = ArrayField(models.CharField(max_length=120))
    process = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=120, blank=True)
    deployment = models.CharField(max_length=80)
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)
    cached_tokens = models.PositiveBigIntegerField(default=0, help_text="Part of the prompt tokens.")
    reasoning_tokens = models.PositiveBigIntegerField(default=0, help_text="Part of the completion tokens.")
    money = models.DecimalField(max_digits=18, decimal_places=8, help_text="US dollars.")
    tokens_over_reservation = models.PositiveBigIntegerField(default=0, help_text="Delivered beyond what was reserved.")
    estimated = models.BooleanField(default=False, help_text="The provider did not say; counted from the text.")
    outcome = models.CharField(max_length=40, default="completed")
    group = models.CharField(max_length=60, blank=True, help_text="The model group that was asked.")
    model = models.CharField(max_length=160, blank=True, help_text="What answered, as its deployment named it then.")
    provider = models.CharField(max_length=160, blank=True)
    price = models.BigIntegerField(null=True, help_text="The row of the price book that was charged; empty: nothing is.")
    prompt = models.CharField(max_length=100, blank=True, help_text="The prompt and its version, as name@version.")
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Which call for the same question it was.")
    started_at = models.DateTimeField(null=True, help_text="When it was asked for; occurred_at is when it ended.")
    waited_ms = models.PositiveIntegerField(default=0, help_text="Of the time between, how long it waited for a slot.")
    cached = models.BooleanField(default=False, help_text="Answered by what an earlier call had brought.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reservation__isnull=False, cached=False)
                | models.Q(reservation=None, cached=True, prompt_tokens=0, completion_tokens=0, money=0),
                name="usage_reserved_or_free",
            )
        ]
        indexes = [
            models.Index(fields=["schema_name", "occurred_at"], name="usage_by_tenant_and_time"),
            # What a run has spent is asked before each of its calls, and by its pages.
            models.Index(fields=["process"], name="usage_by_process", condition=~models.Q(process="")),
        ]

    def __str__(self) -> str:
        return f"{self.deployment} {self.prompt_tokens}+{self.completion_tokens}"
