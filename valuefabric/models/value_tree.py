"""The value tree: objectives → capabilities → outcomes → KPIs → financial impact, each with history and compliance metadata."""

from django.db import models
from django.db.models import Q

from valuefabric.models.base import FabricRow, actor_history, known_values, owner_field
from valuefabric.models.customer import Customer

CLASSIFICATIONS = ["public", "internal", "confidential", "restricted"]
IMPACTS = ["revenue", "cost", "risk"]


class TreeNode(FabricRow):
    """What the nodes share. ``key`` is the node's name within its customer; ``version`` grows with each change.

    ``ai_label`` says which agent and method wrote it (empty: a person did), ``reviewed_by`` which person stands behind it.
    """

    key = models.SlugField(max_length=80)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    owner = owner_field()
    data_classification = models.CharField(
        max_length=12, choices=[(name, name) for name in CLASSIFICATIONS], default="confidential"
    )
    ai_label = models.CharField(max_length=120, blank=True)
    reviewed_by = models.CharField(max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    history = actor_history()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["customer", "key"], name="%(class)s_key_once"),
            models.CheckConstraint(condition=Q(version__gt=0), name="%(class)s_version_positive"),
            models.CheckConstraint(condition=Q(data_classification__in=CLASSIFICATIONS), name="%(class)s_classification_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Objective(TreeNode):
    """What the customer wants to reach."""

    kind_word = "objective"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="objectives")


class Capability(TreeNode):
    """What the customer will be able to do."""

    kind_word = "capability"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="capabilities")
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="capabilities")

    class Meta(TreeNode.Meta):
        verbose_name_plural = "capabilities"


class Outcome(TreeNode):
    """What will be different when they do it."""

    kind_word = "outcome"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="outcomes")
    capability = models.ForeignKey(Capability, on_delete=models.CASCADE, related_name="outcomes")


class Kpi(TreeNode):
    """The measure of an outcome, from the one value language: unit, formula, and how it will be measured.

    ``baseline`` and ``target`` are in the KPI's spoken unit (percents as 38.4).
    """

    kind_word = "kpi"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="kpis")
    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="kpis")
    unit = models.CharField(max_length=40)
    formula = models.TextField(blank=True)
    model_row = models.CharField(max_length=80, blank=True, help_text="The row of the model that shows it.")
    baseline = models.DecimalField(max_digits=38, decimal_places=10, null=True, blank=True)
    target = models.DecimalField(max_digits=38, decimal_places=10, null=True, blank=True)
    source_system = models.CharField(max_length=200, blank=True)
    cadence = models.CharField(max_length=20, blank=True)
    measured_by = models.CharField(max_length=200, blank=True, help_text="The role that answers for the figure.")

    class Meta(TreeNode.Meta):
        verbose_name = "KPI"


class FinancialImpact(TreeNode):
    """What an outcome is worth: revenue, cost or risk, through one driver and one row of the model. Counted at most once."""

    kind_word = "impact"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="impacts")
    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="impacts")
    impact = models.CharField(max_length=8, choices=[(name, name) for name in IMPACTS])
    driver_key = models.CharField(max_length=80)
    model_row = models.CharField(max_length=80, blank=True)
    counted = models.BooleanField(default=True)

    class Meta(TreeNode.Meta):
        constraints = [
            *TreeNode.Meta.constraints,
            known_values("impact", IMPACTS, "impact_kind_known"),
            # Two counted impacts of one driver would count the same money twice.
            models.UniqueConstraint(
                fields=["customer", "driver_key"], condition=Q(counted=True, withdrawn_at=None), name="impact_counted_once"
            ),
        ]
