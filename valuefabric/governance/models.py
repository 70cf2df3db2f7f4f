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
    enabled = models.BooleanField(default=True, help_text="Whether new work may use it; what used it keeps its version.")
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="pack_version_once"),
            models.CheckConstraint(condition=Q(hash__regex=_HASH), name="pack_hash_form"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class RuleSet(models.Model):
    """One version of the manifesto's rules, with severities and parameters. One is active at most.

    ``hash`` is over version and rules, and stands in every stamp. ``built_in`` ones come with the product; the others are an
    operator's, and are not replaced by an update of the product.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=40, unique=True)
    rules = models.JSONField(help_text="Each with key, principle, title, severity and parameters.")
    hash = models.CharField(max_length=71, unique=True)
    active = models.BooleanField(default=False)
    built_in = models.BooleanField(default=False)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="rule_set_one_active"),
            models.CheckConstraint(condition=Q(hash__regex=_HASH), name="rule_set_hash_form"),
        ]

    def __str__(self) -> str:
        return f"Rule set {self.version}"
