"""Whether the database has this checkout's migrations and workflows, known without starting Django (takes seconds)."""

import hashlib
from pathlib import Path

APPS = ("kernel", "tenants", "approvals", "valuefabric", "agents", "workflows", "vos")
STAMP = "migrated"


def fingerprint(root: Path) -> str:
    """A hash over all migrations of ours, the workflows that migrating brings to tenants, and the lock file of the packages."""
    digest = hashlib.sha256((root / "uv.lock").read_bytes())
    for app in APPS:
        for file in sorted((root / app).rglob("migrations/*.py")) + sorted((root / app).glob("definitions/*.yaml")):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def is_migrated(root: Path, cluster: Path) -> bool:
    """Whether the stamp beside the cluster is of this checkout; it goes when the cluster goes."""
    stamp = cluster / STAMP
    return stamp.exists() and stamp.read_text() == fingerprint(root)


def note_migrated(root: Path, cluster: Path) -> None:
    """Write the stamp."""
    (cluster / STAMP).write_text(fingerprint(root))
