"""Which text stood behind a prompt's version when it ran. A version is written once and never changes."""

from django.db import models
from django.utils import timezone


class PromptVersion(models.Model):
    """One version of a prompt as it was first used or registered. Usage records name it as ``name@version``."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    owner = models.CharField(max_length=120)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="prompt_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="prompt_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
