"""The registry of agents: every version of every manifest, and which of them may run. Public; operators govern it."""

from django.db import models
from django.utils import timezone


class AgentVersion(models.Model):
    """One version of an agent's manifest. The text is not changed after it is registered; a change is a new version."""

    name = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    purpose = models.TextField()
    manifest = models.TextField(help_text="YAML, as registered.")
    manifest_hash = models.CharField(max_length=71)
    is_enabled = models.BooleanField(default=True, help_text="A disabled version starts no run.")
    registered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="agent_version_unique")]
        ordering = ["name", "-registered_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
