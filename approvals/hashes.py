"""Hashes of what a request is about, in the form ``sha256:<hex>``."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def arguments_hash(arguments: Mapping[str, Any]) -> str:
    """Hash of an action's arguments: SHA-256 over JSON with sorted keys and no spaces.

    Raises TypeError for what JSON has no form for: a hash over ``repr`` would not be the same tomorrow.
    """
    text = json.dumps(dict(arguments), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def capabilities_hash(capabilities: Sequence[Any]) -> str:
    """Hash of the set of rights that a deed may use: their order and repetition say nothing."""
    texts = {json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False) for one in capabilities}
    return arguments_hash({"capabilities": sorted(texts)})
