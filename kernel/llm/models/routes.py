"""How a group chooses among its deployments, where it turns when none can answer, and what must stay where."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from kernel.llm.models.deployments import DEFAULT_GROUP, REGION
from kernel.llm.sensitivity import Sensitivity

# A group, and at most three others after it.
LONGEST_CHAIN = 4
AN_HOUR = 3600
A_WEEK = 604_800


class Strategy(models.TextChoices):
    """Which of a group's deployments is tried first; the others stand in for it in that order."""

    RANK = "rank", "by rank"
    COST = "cost", "the cheapest first"
    LATENCY = "latency", "the quickest of late first"
    QUALITY = "quality", "the best first"


class ModelRoute(models.Model):
    """How calls to a group find a model. A group without a row is routed by rank, has no fallback and caches for an hour."""

    id = models.BigAutoField(primary_key=True)
    group = models.CharField(max_length=60, unique=True, default=DEFAULT_GROUP)
    strategy = models.CharField(max_length=10, choices=Strategy, default=Strategy.RANK)
    fallback = models.CharField(
        max_length=60, blank=True, help_text="The group to ask when none of this one can answer; empty for none."
    )
    cache_seconds = models.PositiveIntegerField(
        default=AN_HOUR, help_text="How long an answer to the same question of the same tenant is used again; 0 for never."
    )
    single_flight = models.BooleanField(
        default=True, help_text="Whether who asks what another of the tenant is just asking waits for that answer."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(strategy__in=Strategy.values), name="model_route_strategy_known"),
            models.CheckConstraint(condition=~models.Q(fallback=models.F("group")), name="model_route_fallback_is_another"),
            models.CheckConstraint(condition=models.Q(cache_seconds__lte=A_WEEK), name="model_route_cache_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.get_strategy_display()}"

    def clean(self) -> None:
        """Refuse fallbacks that go round in a circle, or further than ``LONGEST_CHAIN`` groups."""
        others = dict(ModelRoute.objects.exclude(pk=self.pk).values_list("group", "fallback"))
        following = {**others, self.group: self.fallback}
        # From every group: what is appended here makes the chains that lead here longer too.
        for start in sorted(following):
            _check_chain(start, following)
        if self.fallback and not _exists(self.fallback):
            raise ValidationError({"fallback": f"There is no deployment in a group {self.fallback!r}. Add one first."})


class Residency(models.Model):
    """Where a tenant's texts may be sent. A tenant without a row may send them anywhere. It can read its own row only.

    A text whose sensitivity is ``in_house_from`` or above goes to deployments of one's own only. Any other goes to those, or to
    a region in ``regions`` (empty: any).
    """

    id = models.BigAutoField(primary_key=True)
    schema_name = models.CharField(max_length=63, unique=True, help_text="The tenant's schema.")
    in_house_from = models.CharField(
        max_length=12,
        blank=True,
        choices=[(one.value, one.value) for one in Sensitivity],
        help_text="Texts so sensitive, or more, never leave the house. public: no text does. Empty: all may.",
    )
    regions = ArrayField(
        models.CharField(max_length=20, validators=[REGION]),
        default=list,
        blank=True,
        help_text="Regions whose models may be asked, such as eu; empty for all. Models of your own may always be asked.",
    )
    answers_cached = models.BooleanField(default=True, help_text="Whether answers may be kept and used again for this tenant.")

    class Meta:
        verbose_name_plural = "residencies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(in_house_from__in=["", *(one.value for one in Sensitivity)]),
                name="residency_sensitivity_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.schema_name}: in house from {self.in_house_from or 'nothing'} on"


def _check_chain(start: str, following: dict[str, str]) -> None:
    chain = [start]
    while group := following.get(chain[-1], ""):
        if group in chain:
            raise ValidationError({"fallback": f"This goes round in a circle: {' → '.join([*chain, group])}."})
        chain.append(group)
        if len(chain) > LONGEST_CHAIN:
            raise ValidationError({"fallback": f"A chain has at most {LONGEST_CHAIN} groups: {' → '.join(chain)}."})


def _exists(group: str) -> bool:
    from kernel.llm.models.deployments import ModelDeployment  # beside its only use

    return ModelDeployment.objects.filter(group=group).exists()
