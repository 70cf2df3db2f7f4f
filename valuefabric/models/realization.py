"""What was measured after the sale, what it says about the promise, and what to do next."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from valuefabric.models.base import HASH_LENGTH, FabricRow, actor_history, known_values
from valuefabric.models.commitment import Commitment
from valuefabric.models.customer import Customer
from valuefabric.models.states import ProposalState, choices
from valuefabric.models.value_model import ValueModel


class TelemetryPoint(models.Model):
    """One measurement of a KPI, in the KPI's spoken unit (percents as 38.4). Never changed (trigger).

    ``synthetic`` marks figures that were made up, and every page that shows them says so.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="telemetry")
    kpi = models.CharField(max_length=80)
    observed_at = models.DateTimeField()
    value = models.DecimalField(max_digits=38, decimal_places=10)
    unit = models.CharField(max_length=40)
    source_system = models.CharField(max_length=80)
    synthetic = models.BooleanField(default=False)
    added_by = models.CharField(max_length=120)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "kpi", "observed_at", "source_system"], name="telemetry_once"),
            models.CheckConstraint(condition=~Q(kpi="") & ~Q(source_system=""), name="telemetry_named"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.observed_at:%Y-%m-%d}: {self.value} {self.unit}"


class RealizationReport(FabricRow):
    """Attainment, variance, forecast and renewal risk of a commitment as of one day. Never changed (trigger)."""

    kind_word = "realization"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="realization_reports")
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="realization_reports")
    as_of = models.DateField()
    result = models.JSONField()
    content_hash = models.CharField(max_length=HASH_LENGTH)
    synthetic = models.BooleanField(help_text="Whether made-up telemetry went into it.")
    recorded_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["commitment", "as_of", "content_hash"], name="realization_once"),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="realization_newest")]

    def __str__(self) -> str:
        return f"Realization as of {self.as_of}"


class ExpansionProposal(FabricRow):
    """The next value hypotheses: gaps against benchmarks, and the model document that would follow."""

    kind_word = "expansion"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="expansion_proposals")
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.PROTECT, related_name="expansion_proposals"
    )
    title = models.CharField(max_length=300)
    result = models.JSONField(help_text="Gaps, uncounted drivers and the convention; see valuefabric.domain.expansion.")
    document = models.JSONField(null=True, blank=True)
    measures = models.JSONField(null=True, blank=True)
    content_hash = models.CharField(max_length=HASH_LENGTH)
    state = models.CharField(max_length=10, choices=choices(ProposalState), default=ProposalState.PROPOSED)
    recorded_by = models.CharField(max_length=120)
    decided_by = models.CharField(max_length=120, blank=True)
    accepted_model = models.ForeignKey(ValueModel, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals")

    history = actor_history()

    class Meta:
        constraints = [known_values("state", [state.value for state in ProposalState], "expansion_state_known")]
        indexes = [models.Index(fields=["customer", "-id"], name="expansion_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def gaps(self) -> list[dict[str, Any]]:
        """The KPIs behind their benchmarks, the largest present value first."""
        found: list[dict[str, Any]] = self.result["gaps"]
        return found
