"""Which agents there are, and which version runs."""

from agents.manifest import Manifest, manifest_load
from agents.registry.models import AgentVersion


class AgentNotAvailable(LookupError):
    """No enabled version of the agent is registered; an operator can enable one in the admin."""


def agent_current(name: str) -> Manifest:
    """The manifest that runs for ``name``: the newest enabled version. Raises AgentNotAvailable."""
    row = AgentVersion.objects.filter(name=name, is_enabled=True).order_by("-registered_at").first()
    if row is None:
        raise AgentNotAvailable(f"The agent {name!r} is not registered or is switched off; an operator can enable it.")
    return manifest_load(row.manifest)


def agents_list() -> list[AgentVersion]:
    """Every registered version, by name, newest first."""
    return list(AgentVersion.objects.all())
