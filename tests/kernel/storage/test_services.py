from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django_tenants.utils import tenant_context

from kernel.storage.addresses import blob_path
from kernel.storage.services import BadAddress, BlobCorrupted, BlobMissing, blob_exists, blob_forget, blob_get, blob_put
from tenants.models import Tenant

NOTES = b"Customers who never learn the product leave within two years."


@pytest.fixture(autouse=True)
def blobs(in_acme: Tenant, settings: Any, tmp_path: Path) -> Path:
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"blobs": local}
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_blob_comes_back_as_it_was_stored() -> None:
    address = blob_put(NOTES)
    assert blob_get(address) == NOTES
    assert blob_exists(address)


def test_putting_again_changes_nothing(blobs: Path) -> None:
    assert blob_put(NOTES) == blob_put(NOTES)
    assert files(blobs) == [blob_path("acme", blob_put(NOTES))]


def test_empty_content_is_content() -> None:
    assert blob_get(blob_put(b"")) == b""


def test_what_is_not_there_is_missing() -> None:
    with pytest.raises(BlobMissing):
        blob_get("sha256:" + "0" * 64)
    assert not blob_exists("sha256:" + "0" * 64)


def test_a_changed_file_is_never_returned(blobs: Path) -> None:
    address = blob_put(NOTES)
    (blobs / blob_path("acme", address)).write_bytes(NOTES.replace(b"two", b"ten"))
    with pytest.raises(BlobCorrupted):
        blob_get(address)


def test_a_half_written_file_is_mended_by_storing_again(blobs: Path) -> None:
    address = blob_put(NOTES)
    (blobs / blob_path("acme", address)).write_bytes(NOTES[:10])
    assert blob_put(NOTES) == address
    assert blob_get(address) == NOTES
    assert len(files(blobs)) == 1


def test_two_that_store_the_same_at_once_leave_one_file(blobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = blob_put(NOTES)
    storage, answers = storages["blobs"], [False]
    really = storage.exists
    monkeypatch.setattr(storage, "exists", lambda path: answers.pop() if answers else really(path))
    assert blob_put(NOTES) == address
    assert answers == []
    assert files(blobs) == [blob_path("acme", address)]


def test_promise_6_another_tenants_blob_is_missing_here(globex: Tenant) -> None:
    address = blob_put(NOTES)
    with tenant_context(globex):
        with pytest.raises(BlobMissing):
            blob_get(address)
        assert not blob_exists(address)


@pytest.mark.parametrize("attack", ["../acme/secret", "sha256:../../../etc/passwd", "/etc/passwd"])
def test_path_traversal_is_refused(attack: str) -> None:
    with pytest.raises(BadAddress):
        blob_get(attack)


def test_an_owners_copy_is_deleted_and_everybody_elses_stays(blobs: Path) -> None:
    address = blob_put(NOTES)
    assert blob_put(NOTES, owner="process/../1") == blob_put(NOTES, owner="process/../2") == address
    blob_forget(address, owner="process/../1")
    blob_forget(address, owner="process/../1")
    with pytest.raises(BlobMissing):
        blob_get(address, owner="process/../1")
    assert blob_get(address) == blob_get(address, owner="process/../2") == NOTES
    assert all(path.startswith("acme/") for path in files(blobs))


def test_a_blob_that_others_may_refer_to_is_not_deleted() -> None:
    address = blob_put(NOTES)
    with pytest.raises(ValueError, match="somebody else"):
        blob_forget(address, owner="")
    assert blob_exists(address)
