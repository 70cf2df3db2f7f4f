"""Secrets of this checkout: made at random on first start, kept in the data folder, never in the source."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("SECRET_KEY", "VOS_STAMP_KEY", "VOS_CAPABILITY_KEY", "VOS_PUSH_KEY")
FILE = "keys.json"


def local_keys(data: Path) -> dict[str, str]:
    """The keys of ``data``; missing ones are made and written (mode 0600). Signed stamps stay valid as long as the file does."""
    file = data / FILE
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    keys = {name: known.get(name) or secrets.token_hex(32) for name in NAMES}
    if keys != known:
        _write(file, keys)
    return keys


def _write(file: Path, keys: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(keys, stream, indent=1)
    fresh.rename(file)
