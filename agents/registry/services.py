"""Registering agents: the catalogue's manifests become rows that operators can see and switch off."""

from pathlib import Path

from django.db import transaction

from agents.manifest import ManifestError, manifest_hash, manifest_load
from agents.registry.models import AgentVersion
from kernel.audit.services import audit_record

CATALOG = Path(__file__).parent.parent / "catalog"


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
    """Register every manifest of the catalogue."""
    return [agent_register(text=path.read_text(), actor=actor) for path in sorted(CATALOG.glob("*/manifest.yaml"))]


def _register(name: str, version: str, title: str, purpose: str, text: str, digest: str, actor: str) -> AgentVersion:
    with transaction.atomic():
        row = AgentVersion.objects.create(
            name=name, version=version, title=title, purpose=purpose, manifest=text, manifest_hash=digest
        )
        audit_record(actor=actor, action="agent.register", subject=f"agent:{name}@{version}", detail={"hash": digest})
    return row
