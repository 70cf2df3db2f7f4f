"""Addresses of blobs, without a disk: hash of content, path of hash."""

import hashlib
import re

_ADDRESS = re.compile(r"sha256:([0-9a-f]{64})")
_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")


class BadAddress(ValueError):
    """What was given is no address of a blob; addresses look like ``sha256:`` and 64 hexadecimal digits."""


def blob_address(content: bytes) -> str:
    """The address of ``content``."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def blob_path(schema_name: str, address: str, owner: str = "") -> str:
    """Where a tenant's blob lies below the storage's root; one that has an ``owner`` lies apart from those that all may share.

    Both parts are matched whole against what they may be, so that no path can lead out of the tenant's folder.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise BadAddress(f"{address[:80]!r} is no blob address; expected sha256: and 64 lower-case hexadecimal digits.")
    if _SCHEMA.fullmatch(schema_name) is None:
        raise BadAddress(f"{schema_name[:80]!r} is no schema name.")
    digest = match[1]
    if owner:
        return f"{schema_name}/owned/{hashlib.sha256(owner.encode()).hexdigest()[:32]}/{digest}"
    return f"{schema_name}/{digest[:2]}/{digest[2:4]}/{digest}"
