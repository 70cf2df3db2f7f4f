"""Business cases: a model with its story, at one version, and what integrity said about it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from valuefabric.models.base import HASH_LENGTH, FabricRow, actor_history, known_values, owner_field
from valuefabric.models.customer import Customer
from valuefabric.models.states import CaseState, choices
from valuefabric.models.value_model import ModelVersion


class CaseContent(models.Model):
    """What a case says. All of it is under ``content_hash`` (see ``valuefabric.selectors.case_content``).

    JSON columns whose order matters are lists: Postgres sorts the keys of objects.
    """

    title = models.CharField(max_length=300)
    outcome_owner = models.CharField(max_length=200, blank=True, help_text="Who at the customer owns the outcome.")
    narrative = models.JSONField(default=list, help_text="Sections in order: {section, text}.")
    narrative_figures = models.JSONField(default=list, help_text="{section, text, cell} or {…, reference, quotation}.")
    stakeholders = models.JSONField(default=list, help_text="{name, function}.")
    exclusions = models.JSONField(default=list, help_text="What is listed and not counted.")
    uncertainties = models.JSONField(default=list)
    forbidden = models.JSONField(default=list, help_text="Phrases that the customer asked to keep out.")
    measurement_plan = models.JSONField(default=dict, help_text="KPI → {source_system, cadence, owner}.")
    ai_labels = models.JSONField(default=list, help_text="{part, method, agent, reviewed_by}.")

    class Meta:
        abstract = True


class BusinessCase(FabricRow, CaseContent):
    """A business case as it is now. Each change raises ``version``, and the former content stays as a CaseVersion.

    The row is the case's identity: approvals are asked for ``case:<public id>`` at a content hash, so a changed case voids them.
    Content of a committed case is frozen (trigger).
    """

    kind_word = "case"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="cases")
    owner = owner_field()
    version = models.PositiveIntegerField(default=1)
    previous_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    content_hash = models.CharField(max_length=HASH_LENGTH)
    state = models.CharField(max_length=12, choices=choices(CaseState), default=CaseState.DRAFT)
    drafted_by = models.CharField(max_length=120)
    withdrawn_reason = models.TextField(blank=True)

    history = actor_history()

    class Meta:
        constraints = [
            known_values("state", [state.value for state in CaseState], "case_state_known"),
            models.CheckConstraint(condition=Q(version__gt=0), name="case_version_positive"),
            models.CheckConstraint(condition=Q(content_hash__regex=r"^sha256:[0-9a-f]{64}$"), name="case_hash_form"),
            models.CheckConstraint(
                condition=Q(version=1, previous_hash="") | (Q(version__gt=1) & ~Q(previous_hash="")), name="case_hash_chain"
            ),
        ]
        indexes = [models.Index(fields=["customer", "-created_at"], name="case_of_customer")]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def sections(self) -> dict[str, str]:
        """The narrative as an ordered mapping of section to text."""
        return {part["section"]: part["text"] for part in self.narrative}


class CaseVersion(FabricRow, CaseContent):
    """The content of a case at one version, as it was hashed, reviewed and shown. Never changed and never deleted."""

    kind_word = "case_version"

    case = models.ForeignKey(BusinessCase, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=HASH_LENGTH)
    previous_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="case_version_number_once"),
            models.UniqueConstraint(fields=["case", "content_hash"], name="case_version_hash_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def sections(self) -> dict[str, str]:
        """The narrative as an ordered mapping of section to text."""
        return {part["section"]: part["text"] for part in self.narrative}


class IntegrityReview(FabricRow):
    """What the manifesto's rules said about one content of a case: every result, and the signed stamp if all passed."""

    kind_word = "review"

    case = models.ForeignKey(BusinessCase, on_delete=models.CASCADE, related_name="reviews")
    case_version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=HASH_LENGTH)
    rule_set_version = models.CharField(max_length=40)
    rule_set_hash = models.CharField(max_length=HASH_LENGTH)
    results = models.JSONField()
    violations = models.JSONField(default=list, help_text="The failed results.")
    passed = models.BooleanField()
    stamp = models.JSONField(null=True)
    reviewed_by = models.CharField(max_length=120)
    reviewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=True, stamp__isnull=False, violations=[]) | Q(passed=False, stamp__isnull=True),
                name="review_stamp_if_passed",
            ),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="review_newest")]

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'failed'}: {self.content_hash[:19]}"
