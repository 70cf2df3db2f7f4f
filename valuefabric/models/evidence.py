"""Evidence: what came from outside, with spans that can be cited, and the citations."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from valuefabric.models.base import HASH_LENGTH, FabricRow
from valuefabric.models.customer import Customer
from valuefabric.models.value_tree import CLASSIFICATIONS

KINDS = ["text", "json", "csv", "xlsx"]


class Evidence(FabricRow):
    """A document as it came, by hash, and its canonical text, to which every quotation's offsets refer.

    It is data and never instructions: ``untrusted`` is always true, and the database says so. Never changed (trigger); a
    customer's same content is one row.
    """

    kind_word = "evidence"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="evidence")
    filename = models.CharField(max_length=200, help_text="To show only; the content lies under its hash.")
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in KINDS])
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    blob = models.CharField(max_length=HASH_LENGTH)
    text = models.TextField()
    notices = models.JSONField(default=list, help_text="What a reader should know, such as formulas kept as text.")
    classification = models.CharField(
        max_length=12,
        choices=[(name, name) for name in CLASSIFICATIONS],
        default="confidential",
        help_text="How sensitive it is; the tenant's residency may forbid to send it to models outside the house.",
    )
    untrusted = models.BooleanField(default=True, editable=False)
    added_by = models.CharField(max_length=120)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(fields=["customer", "sha256"], name="evidence_once_per_customer"),
            models.CheckConstraint(condition=Q(untrusted=True), name="evidence_untrusted"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="evidence_hash_form"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="evidence_kind_known"),
            models.CheckConstraint(condition=Q(classification__in=CLASSIFICATIONS), name="evidence_classification_known"),
        ]
        indexes = [models.Index(fields=["customer", "-added_at"], name="evidence_of_customer")]

    def __str__(self) -> str:
        return self.filename

    def quote(self, start: int, end: int) -> str:
        """The exact words between two offsets."""
        return self.text[start:end]


class EvidenceSpan(models.Model):
    """A citable part of the canonical text: ``text[start:end]``, and where a person finds it in the original."""

    id = models.BigAutoField(primary_key=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="spans")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    locator = models.CharField(max_length=200)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(end__gte=F("start")), name="span_in_order")]
        indexes = [models.Index(fields=["evidence", "start"], name="span_of_evidence")]

    def __str__(self) -> str:
        return f"{self.locator} [{self.start}:{self.end}]"


class Citation(models.Model):
    """That something quotes evidence. A trigger compares ``quotation`` with the evidence's text, so it cannot be made up.

    Exactly one of the citing things is set; ``row`` names the assumption of a model version.
    """

    id = models.BigAutoField(primary_key=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="citations")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quotation = models.TextField()
    hypothesis = models.ForeignKey("Hypothesis", null=True, on_delete=models.CASCADE, related_name="citations")
    model_version = models.ForeignKey("ModelVersion", null=True, on_delete=models.CASCADE, related_name="citations")
    row = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="citation_in_order"),
            models.CheckConstraint(
                condition=Q(hypothesis__isnull=False, model_version=None, row="")
                | (Q(hypothesis=None, model_version__isnull=False) & ~Q(row="")),
                name="citation_cited_by_one",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.quotation[:60]}”"
