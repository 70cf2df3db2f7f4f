"""How the kernel learns that a human approved one exact tool call. It knows no approvals: an app above registers the check."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

type ApprovalCheck = Callable[[str, str], bool]

_check: ApprovalCheck | None = None


def register_approval_check(check: ApprovalCheck) -> None:
    """``check(reference, call_hash)`` says whether the request ``reference`` was approved for exactly this call."""
    global _check
    if _check is not None and _check is not check:
        raise ValueError("Somebody else answers for approvals already.")
    _check = check


def approved(reference: str, call_hash: str) -> bool:
    """Whether a human approved this call; without anybody who knows, nobody did."""
    return bool(reference) and _check is not None and _check(reference, call_hash)


def hash_of_call(schema_name: str, tool: str, arguments: Mapping[str, Any]) -> str:
    """What an approval of a tool call binds to: the tenant, the tool and every argument, as ``sha256:<hex>``."""
    canonical = json.dumps([schema_name, tool, dict(arguments)], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
