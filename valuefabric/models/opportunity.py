"""Opportunities: value hypotheses, each with the quotation that supports it."""

from django.db import models
from django.db.models import F, Q

from valuefabric.models.base import FabricRow, actor_history, known_values, owner_field
from valuefabric.models.customer import Customer
from valuefabric.models.evidence import Evidence
from valuefabric.models.states import HypothesisState, choices
from valuefabric.models.value_tree import IMPACTS


class Opportunity(FabricRow):
    """What was found in a customer's evidence: who cares, what hurts, and which drivers of a pack apply."""

    kind_word = "opportunity"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="opportunities")
    title = models.CharField(max_length=300)
    external_reference = models.CharField(max_length=120, blank=True, help_text="Such as the CRM's number of it.")
    pack_key = models.CharField(max_length=80, blank=True)
    pack_version = models.CharField(max_length=40, blank=True)
    personas = models.JSONField(default=list)
    pains = models.JSONField(default=list)
    method = models.CharField(max_length=20, blank=True, help_text="deterministic, model, or manual.")
    owner = owner_field()
    recorded_by = models.CharField(max_length=120)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "opportunities"
        indexes = [models.Index(fields=["customer", "-created_at"], name="opportunity_of_customer")]

    def __str__(self) -> str:
        return self.title


class Hypothesis(FabricRow):
    """A claim that a driver applies, with the words that support it.

    ``quotation`` is ``evidence.text[start:end]``; a trigger compares them. A claim without evidence has no offsets.
    """

    kind_word = "hypothesis"

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="hypotheses")
    position = models.PositiveSmallIntegerField(default=0)
    driver_key = models.CharField(max_length=80)
    impact = models.CharField(max_length=8, choices=[(name, name) for name in IMPACTS])
    counted = models.BooleanField(default=True, help_text="Listed outside the number when not.")
    claim = models.TextField()
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="hypotheses", null=True, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    quotation = models.TextField(blank=True)
    quantities = models.JSONField(default=list, help_text="Figures found: input, value, unit, evidence, start, end, quotation.")
    confidence = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, choices=choices(HypothesisState), default=HypothesisState.PROPOSED)
    decided_by = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    history = actor_history()

    class Meta:
        verbose_name_plural = "hypotheses"
        ordering = ["position", "id"]
        constraints = [
            known_values("state", [state.value for state in HypothesisState], "hypothesis_state_known"),
            known_values("impact", IMPACTS, "hypothesis_impact_known"),
            models.CheckConstraint(condition=~Q(claim=""), name="hypothesis_has_claim"),
            models.CheckConstraint(
                condition=Q(evidence=None, start=None, end=None, quotation="")
                | Q(evidence__isnull=False, start__isnull=False, end__gt=F("start")),
                name="hypothesis_quotes_or_not",
            ),
            models.CheckConstraint(
                condition=Q(state=HypothesisState.PROPOSED, decided_at=None)
                | (~Q(state=HypothesisState.PROPOSED) & Q(decided_at__isnull=False)),
                name="hypothesis_decided_at_with_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.claim[:80]
