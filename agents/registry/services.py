"""Registering agents: the catalogue's manifests become rows that operators can see and switch off."""

from django.db import transaction

from agents.manifest import ManifestError, manifest_hash, manifest_load
from agents.prompts import CATALOG, catalog_prompts
from agents.registry.models import AgentVersion
from kernel.audit.services import audit_record
from kernel.llm.models import PromptVersion
from kernel.llm.prompt_versions import prompt_register


def agent_register(*, text: str, actor: str) -> AgentVersion:
    """Register one manifest. The same text again changes nothing; other text under a known version raises ManifestError."""
    manifest, digest = manifest_load(text), manifest_hash(text)
    known = AgentVersion.objects.filter(name=manifest.name, version=manifest.version).first()
    if known is None:
        return _register(manifest.name, manifest.version, manifest.title, manifest.purpose, text, digest, actor)
    if known.manifest_hash != digest:
        raise ManifestError(f"{manifest.name} {manifest.version} is registered with another text; give it a new version.")
    return known


def catalog_register(*, actor: str) -> list[AgentVersion]:
    """Register every manifest of the catalogue, and the prompts they name."""
    prompts_register(actor=actor)
    return [agent_register(text=path.read_text(), actor=actor) for path in sorted(CATALOG.glob("*/manifest.yaml"))]


def prompts_register(*, actor: str) -> list[PromptVersion]:
    """Note the versions of the catalogue's prompts. Raises PromptError for a text that changed under a known version."""
    with transaction.atomic():
        return [prompt_register(prompt=prompt, actor=actor) for prompt in catalog_prompts()]


def _register(name: str, version: str, title: str, purpose: str, text: str, digest: str, actor: str) -> AgentVersion:
    with transaction.atomic():
        row = AgentVersion.objects.create(
            name=name, version=version, title=title, purpose=purpose, manifest=text, manifest_hash=digest
        )
        audit_record(actor=actor, action="agent.register", subject=f"agent:{name}@{version}", detail={"hash": digest})
    return row
