from pathlib import Path

from vos.embedded.migrations import is_migrated, note_migrated


def checkout(folder: Path) -> Path:
    (folder / "tenants" / "migrations").mkdir(parents=True)
    (folder / "tenants" / "migrations" / "0001_initial.py").write_text("first")
    (folder / "workflows" / "definitions").mkdir(parents=True)
    (folder / "workflows" / "definitions" / "one.yaml").write_text("first")
    (folder / "uv.lock").write_text("packages")
    return folder


def test_a_stamped_cluster_is_not_migrated_again(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    assert not is_migrated(root, tmp_path)

    note_migrated(root, tmp_path)

    assert is_migrated(root, tmp_path)


def test_a_new_a_changed_and_a_packages_migration_and_a_workflow_each_void_the_stamp(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    for change in (
        "tenants/migrations/0002_more.py",
        "tenants/migrations/0001_initial.py",
        "uv.lock",
        "workflows/definitions/one.yaml",
    ):
        note_migrated(root, tmp_path)
        (root / change).write_text("changed")
        assert not is_migrated(root, tmp_path), change
