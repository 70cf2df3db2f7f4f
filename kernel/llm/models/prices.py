"""The price book: what models cost, and from when. A new price is a new row; what was billed stays as it was."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from kernel.llm.models.deployments import ModelDeployment

NOT_BELOW_ZERO = [MinValueValidator(Decimal(0))]


class ModelPrice(models.Model):
    """US dollars per million tokens of one deployment, or of a model wherever it runs, from ``valid_from`` until the next row.

    A deployment's own row counts before one of its model. Without any, a call costs nothing (a server of one's own).
    """

    id = models.BigAutoField(primary_key=True)
    deployment = models.ForeignKey(
        ModelDeployment, null=True, blank=True, on_delete=models.CASCADE, related_name="prices", help_text="Either this …"
    )
    model = models.CharField(max_length=160, blank=True, help_text="… or a model's name as deployments give it.")
    valid_from = models.DateTimeField(default=timezone.now)
    prompt = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0), validators=NOT_BELOW_ZERO)
    completion = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0), validators=NOT_BELOW_ZERO)
    cached_prompt = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, validators=NOT_BELOW_ZERO,
        help_text="Of prompt tokens that the provider had in its cache; empty: as any prompt token.",
    )  # fmt: skip
    reasoning = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, validators=NOT_BELOW_ZERO,
        help_text="Of tokens the model thought with; empty: as any token of the answer.",
    )  # fmt: skip

    class Meta:
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deployment__isnull=False, model="") | (models.Q(deployment=None) & ~models.Q(model="")),
                name="price_of_one_thing",
            ),
            models.UniqueConstraint(fields=["deployment", "valid_from"], name="price_once_per_deployment"),
            models.UniqueConstraint(fields=["model", "valid_from"], condition=~models.Q(model=""), name="price_once_per_model"),
            models.CheckConstraint(
                condition=models.Q(prompt__gte=0, completion__gte=0)
                & (models.Q(cached_prompt=None) | models.Q(cached_prompt__gte=0))
                & (models.Q(reasoning=None) | models.Q(reasoning__gte=0)),
                name="price_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deployment or self.model} from {self.valid_from:%Y-%m-%d %H:%M}"

    def clean(self) -> None:
        """Say in words what the constraint says in SQL."""
        if bool(self.deployment_id) == bool(self.model):
            raise ValidationError("Give either a deployment or a model's name.")
