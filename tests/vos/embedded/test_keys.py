import json
from pathlib import Path

from vos.embedded.keys import NAMES, local_keys


def test_keys_are_made_once_and_differ_between_checkouts(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = local_keys(tmp_path / "one")

    assert sorted(first) == sorted(NAMES)
    assert all(len(value) == 64 for value in first.values())
    assert local_keys(tmp_path / "one") == first
    assert not set(local_keys(tmp_path / "two").values()) & set(first.values())


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    local_keys(tmp_path)

    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_missing_is_added_and_the_others_stay(tmp_path: Path) -> None:
    first = local_keys(tmp_path)
    (tmp_path / "keys.json").write_text(json.dumps({"SECRET_KEY": first["SECRET_KEY"]}))

    second = local_keys(tmp_path)

    assert second["SECRET_KEY"] == first["SECRET_KEY"]
    assert second["VOS_STAMP_KEY"] != first["VOS_STAMP_KEY"]
