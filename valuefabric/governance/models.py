"""What platform operators govern for all tenants: value packs, and the manifesto's rule sets."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

_HASH = r"^sha256:[0-9a-f]{64}$"


class Pack(models.Model):
    """One version of a value pack, as its YAML text. A version's text never changes; a change is a new version."""

    id = models.BigAutoField(primary_key=True)
    key = models.SlugField(max_length=80)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField(help_text="YAML, format vos.pack/1.")
    hash = models.CharField(max_length=71)
    enabled = models.BooleanField(default=True, help_text="Whether new work may use it; what used it keeps it.")
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="pack_version_once"),
            models.CheckConstraint(condition=Q(hash__regex=_HASH), name="pack_hash_form"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class RuleSet(models.Model):
    """One version of the manifesto's rules: how severe each is, and its parameters. Exactly one is active.

    ``severities`` and ``parameters`` hold only what differs from the code's rule set; ``hash`` is over the whole.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=40, unique=True)
    severities = models.JSONField(default=dict, blank=True, help_text="Rule key → violation or warning.")
    parameters = models.JSONField(default=dict, blank=True, help_text="Parameter → value.")
    hash = models.CharField(max_length=71)
    active = models.BooleanField(default=False)
    created_by = models.CharField(max_length=120, default="system")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="rule_set_one_active"),
            models.CheckConstraint(condition=Q(hash__regex=_HASH), name="rule_set_hash_form"),
        ]

    def __str__(self) -> str:
        return f"Rule set {self.version}"
