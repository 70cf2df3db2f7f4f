"""ROI models, their versions and branches. A version is never changed; what is edited becomes the next one."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from valuefabric.models.base import HASH_LENGTH, FabricRow, owner_field
from valuefabric.models.customer import Customer
from valuefabric.models.opportunity import Opportunity


class ValueModel(FabricRow):
    """The model of one customer's value through all its versions. While a commitment stands on it its main line is locked
    (trigger). ``head_number`` is the newest version of the main line; versions of branches are counted with it, so that a number
    names one version."""

    kind_word = "model"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="value_models")
    opportunity = models.ForeignKey(Opportunity, null=True, blank=True, on_delete=models.PROTECT, related_name="value_models")
    title = models.CharField(max_length=300)
    currency = models.CharField(max_length=3)
    owner = owner_field()
    head_number = models.PositiveIntegerField(default=0)
    locked_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-created_at"], name="model_of_customer")]

    def __str__(self) -> str:
        return self.title


class ModelBranch(FabricRow):
    """A line of versions beside the main one: to try something, or to go on working while a commitment stands.

    ``head_number`` is its newest version; before its first own one that is ``from_version``. A closed branch stays readable.
    """

    kind_word = "branch"

    model = models.ForeignKey(ValueModel, on_delete=models.CASCADE, related_name="branches")
    name = models.CharField(max_length=80)
    from_version = models.ForeignKey("ModelVersion", on_delete=models.PROTECT, related_name="+")
    head_number = models.PositiveIntegerField()
    by = models.CharField(max_length=120)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name_plural = "model branches"
        constraints = [
            models.UniqueConstraint("model", Lower("name"), condition=Q(closed_at=None), name="model_branch_name_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name__iexact="main"), name="model_branch_has_name"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="model_branch_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ModelVersion(FabricRow):
    """One version: the document (format vos.model/1), its hash, and the measures computed from it when it was saved.

    ``measures`` are computed cells, kept so that a list of customers needs no engine; ``document`` decides. Without ``branch`` it
    is of the main line. ``parent`` is what was edited, ``merge_parent`` what was merged into that.
    """

    kind_word = "model_version"

    model = models.ForeignKey(ValueModel, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    branch = models.ForeignKey(ModelBranch, null=True, blank=True, on_delete=models.PROTECT, related_name="versions")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merge_parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField()
    content_hash = models.CharField(max_length=HASH_LENGTH)
    measures = models.JSONField()
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=120)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="model_version_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="model_version_number_positive"),
            models.CheckConstraint(condition=Q(content_hash__regex=r"^sha256:[0-9a-f]{64}$"), name="model_version_hash_form"),
            models.CheckConstraint(
                condition=Q(merge_parent=None) | Q(parent__isnull=False), name="model_version_merged_into_something"
            ),
        ]
        indexes = [models.Index(fields=["model", "-number"], name="model_version_newest")]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"

    def measure(self, name: str) -> Any:
        """One of the kept measures by name; None where the model has none of it."""
        return self.measures.get(name)
