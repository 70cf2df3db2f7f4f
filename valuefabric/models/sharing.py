"""What leaves the house: links to a case, and exported files."""

from django.db import models
from django.db.models import F, Q

from valuefabric.models.base import HASH_LENGTH, FabricRow, known_values
from valuefabric.models.case import BusinessCase, CaseVersion

EXPORT_KINDS = ["workbook", "pdf", "slides"]


class CaseLink(FabricRow):
    """A link by which somebody without an account reads one version of a case until it expires or is revoked.

    The token is signed and carries the public id only; expiry and revocation are read from this row.
    """

    kind_word = "case_link"

    case = models.ForeignKey(BusinessCase, on_delete=models.CASCADE, related_name="links")
    case_version = models.ForeignKey(CaseVersion, on_delete=models.PROTECT, related_name="links")
    recipient = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=120, blank=True)
    opened_count = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="link_expires_later")]

    def __str__(self) -> str:
        return f"{self.case_version} until {self.expires_at:%Y-%m-%d}"


class Export(FabricRow):
    """A file made from one content of a case; the file lies in the blob storage. Never changed (trigger)."""

    kind_word = "export"

    case = models.ForeignKey(BusinessCase, on_delete=models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in EXPORT_KINDS])
    content_hash = models.CharField(max_length=HASH_LENGTH, help_text="The case's content that it shows.")
    blob = models.CharField(max_length=HASH_LENGTH)
    filename = models.CharField(max_length=200)
    size = models.PositiveIntegerField(help_text="Bytes.")
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            known_values("kind", EXPORT_KINDS, "export_kind_known"),
            models.UniqueConstraint(fields=["case", "kind", "content_hash"], name="export_once_per_content"),
        ]

    def __str__(self) -> str:
        return self.filename
