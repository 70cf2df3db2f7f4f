"""Keeping and fetching blobs of the current tenant. Content never changes under an address, and is verified when read."""

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from kernel.schemas import current_schema
from kernel.storage.addresses import BadAddress, blob_address, blob_path

__all__ = ["BadAddress", "BlobCorrupted", "BlobMissing", "blob_address", "blob_exists", "blob_forget", "blob_get", "blob_put"]


class BlobMissing(LookupError):
    """The current tenant has no blob of this address."""


class BlobCorrupted(RuntimeError):
    """What lies on the disk is not what was stored; put the original content again to mend it."""


def blob_put(content: bytes, *, owner: str = "") -> str:
    """Keep ``content`` for the current tenant and return its address. Keeping it again changes nothing.

    Whoever stores the same content without an ``owner`` shares one blob, so such a blob is never deleted. One with an owner (any
    name) is that owner's own copy, which ``blob_forget`` deletes.

    Not part of a transaction: a blob that nothing refers to stays behind when the caller rolls back, which does no harm.
    """
    address = blob_address(content)
    storage, path = _storage(), blob_path(current_schema(), address, owner)
    if storage.exists(path):
        if _read(storage, path) == content:
            return address
        # Left half-written by a crash; nobody could have read it, because reading verifies.
        storage.delete(path)
    written = storage.save(path, ContentFile(content))
    if written != path:
        # Somebody else stored the same content in between and the storage chose another name for ours.
        storage.delete(written)
    return address


def blob_get(address: str, *, owner: str = "") -> bytes:
    """The content of the current tenant's blob. Raises BadAddress, BlobMissing or BlobCorrupted."""
    storage, path = _storage(), blob_path(current_schema(), address, owner)
    try:
        content = _read(storage, path)
    except FileNotFoundError as error:
        raise BlobMissing(f"There is no blob {address} here.") from error
    if blob_address(content) != address:
        raise BlobCorrupted(f"The blob {address} has other content than its address says. Store the original again.")
    return content


def blob_exists(address: str, *, owner: str = "") -> bool:
    """Whether the current tenant has a blob of this address (its content is not verified)."""
    return _storage().exists(blob_path(current_schema(), address, owner))


def blob_forget(address: str, *, owner: str) -> None:
    """Delete ``owner``'s copy; one that is not there is fine. Raises ValueError without an owner: others may refer to it."""
    if not owner:
        raise ValueError("A blob that has no owner may be somebody else's too, and is not deleted.")
    _storage().delete(blob_path(current_schema(), address, owner))


def _storage() -> Storage:
    return storages["blobs"]


def _read(storage: Storage, path: str) -> bytes:
    with storage.open(path, "rb") as stored:
        content: bytes = stored.read()
    return content
