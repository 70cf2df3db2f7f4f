from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import tenant_context

from kernel.context import services
from kernel.context.content import Context
from kernel.context.models import ContextSnapshot, SnapshotCorrupted
from kernel.context.selectors import snapshot_difference, snapshot_latest, snapshots_of
from kernel.context.services import KEPT, LARGEST_IN_ROW, SnapshotTooLarge, snapshot_take, snapshots_forget
from kernel.storage.services import blob_exists, blob_forget, blob_get, blob_put
from tenants.models import Tenant

ASK: dict[str, Any] = {"role": "user", "content": "What is the value of a shorter ramp-up?"}


@pytest.fixture
def blobs(settings: Any, tmp_path: Path) -> Iterator[Path]:
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"blobs": local}
    yield tmp_path


def taken(output: str = "The value", **changes: Any) -> ContextSnapshot:
    values: dict[str, Any] = {"process": "p1", "messages": [ASK], "partial_output": output, "reason": "preempted"}
    return snapshot_take(**values | changes)


def test_a_snapshot_holds_all_that_the_run_goes_on_from(in_acme: Tenant) -> None:
    snapshot_take(
        process="p1", messages=[ASK], partial_output="The va", position={"step": 3}, tool_state={"seen": ["a"]}, reason="drained"
    )
    found = snapshot_latest("p1")
    assert found is not None
    assert found.context == Context([ASK], "The va", {"step": 3}, {"seen": ["a"]})
    assert (found.messages, found.partial_output, found.position, found.tool_state) == (
        [ASK],
        "The va",
        {"step": 3},
        {"seen": ["a"]},
    )
    assert (found.version, found.reason, found.size) == (1, "drained", len(found.content.encode()))


def test_a_process_without_snapshot_has_none(in_acme: Tenant) -> None:
    taken()
    assert snapshot_latest("another") is None


def test_another_worker_goes_on_from_what_was_committed(committed: Tenant) -> None:
    with tenant_context(committed):
        taken("The value is")

    def restored() -> Context | None:
        try:
            with tenant_context(committed):
                found = snapshot_latest("p1")
                return found.context if found else None
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_worker:
        assert other_worker.submit(restored).result() == Context([ASK], "The value is")


def test_versions_count_up_and_only_the_newest_are_kept(in_acme: Tenant) -> None:
    for number in range(KEPT + 3):
        taken("x" * number)
    assert [found.version for found in snapshots_of("p1")] == list(range(KEPT + 3, 3, -1))


def test_the_same_context_taken_again_is_the_version_there_is(in_acme: Tenant) -> None:
    assert taken() == taken()
    assert taken(reason="drained").version == 2


def test_workers_that_snapshot_one_process_at_once_get_versions_of_their_own(committed: Tenant) -> None:
    def take(number: int) -> None:
        try:
            with tenant_context(committed):
                taken(f"worker {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(take, range(6)))
    with tenant_context(committed):
        assert [found.version for found in snapshots_of("p1")] == [6, 5, 4, 3, 2, 1]
        assert {found.partial_output for found in snapshots_of("p1")} == {f"worker {number}" for number in range(6)}


def test_a_large_context_lies_in_a_blob(in_acme: Tenant, blobs: Path) -> None:
    found = taken("x" * LARGEST_IN_ROW)
    assert (found.content, found.is_blob, blob_exists(found.content_hash, owner="p1")) == ("", True, True)
    again = snapshot_latest("p1")
    assert again is not None
    assert again.partial_output == "x" * LARGEST_IN_ROW


def test_a_context_beyond_the_bound_is_refused_and_nothing_is_kept(
    in_acme: Tenant, blobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LARGEST", LARGEST_IN_ROW * 2)
    with pytest.raises(SnapshotTooLarge, match=r"kernel\.storage"):
        taken("x" * LARGEST_IN_ROW * 2)
    assert not ContextSnapshot.objects.exists()
    assert not [path for path in blobs.rglob("*") if path.is_file()]


def test_a_changed_snapshot_is_refused_instead_of_gone_on_from(in_acme: Tenant) -> None:
    taken()
    ContextSnapshot.objects.update(content='{"messages":[],"partial_output":"The forged","position":{},"tool_state":{}}')
    found = snapshot_latest("p1")
    assert found is not None
    with pytest.raises(SnapshotCorrupted, match="Start the run again"):
        _ = found.partial_output


def test_a_snapshot_without_content_is_refused_by_the_database(in_acme: Tenant) -> None:
    taken()
    with pytest.raises(IntegrityError), transaction.atomic():
        ContextSnapshot.objects.update(content="")


def test_two_snapshots_are_told_apart(in_acme: Tenant) -> None:
    found = snapshot_difference(taken("The"), taken("The value", position={"step": 2}))
    assert (found.output_added, found.position, found.messages_kept) == (" value", {"step": (None, 2)}, 1)


def test_forgetting_takes_one_process_only(in_acme: Tenant) -> None:
    for process in ("p1", "p1", "p2"):
        taken(str(ContextSnapshot.objects.count()), process=process)
    assert snapshots_forget(process="p1") == 2
    assert list(ContextSnapshot.objects.values_list("process", flat=True)) == ["p2"]


def test_another_tenant_sees_no_snapshot(committed: Tenant) -> None:
    with tenant_context(committed):
        taken()
    globex = Tenant.objects.get(schema_name="globex")
    with tenant_context(globex):
        assert snapshot_latest("p1") is None


def test_blobs_go_with_the_last_snapshot_that_refers_to_them(
    in_acme: Tenant, blobs: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """Versions before the newest eight are pruned; a content that comes again is kept while any version has it."""
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(KEPT + 2):
            taken(str(number % KEPT) * LARGEST_IN_ROW, reason=f"reason {number}")
    # Versions 1 and 2 are gone, and their contents are those of versions 9 and 10.
    assert len(_files(blobs)) == KEPT
    with django_capture_on_commit_callbacks(execute=True):
        snapshot_of_another = taken("0" * LARGEST_IN_ROW, process="p2")
        snapshots_forget(process="p1")
    assert len(_files(blobs)) == 1
    assert snapshot_of_another.partial_output == "0" * LARGEST_IN_ROW


def test_a_blob_stays_where_the_deletion_is_rolled_back(in_acme: Tenant, blobs: Path) -> None:
    found = taken("x" * LARGEST_IN_ROW)
    with suppress(RuntimeError), transaction.atomic():
        snapshots_forget(process="p1")
        raise RuntimeError("something else went wrong")
    assert blob_exists(found.content_hash, owner="p1")


def test_a_blob_from_before_blobs_had_owners_is_still_read(in_acme: Tenant, blobs: Path) -> None:
    found = taken("x" * LARGEST_IN_ROW)
    blob_put(blob_get(found.content_hash, owner="p1"))
    blob_forget(found.content_hash, owner="p1")
    again = snapshot_latest("p1")
    assert again is not None
    assert again.partial_output == "x" * LARGEST_IN_ROW


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
