import os
import tempfile
from pathlib import Path

import pytest

from vos.embedded import places
from vos.embedded.accounts import OURSELVES, server_account
from vos.embedded.places import SOCKET_PATH_LIMIT, server_folder, socket_folder
from vos.embedded.processes import ServerError

NAME = ".s.PGSQL.5432.lock"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")


def test_a_short_path_is_taken_as_wished(folder: Path) -> None:
    assert socket_folder(folder / "run", NAME, server_account()) == folder / "run"
    assert (folder / "run").stat().st_mode & 0o777 == 0o700


def test_a_path_too_long_for_a_socket_gives_way_to_a_short_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    found = socket_folder(folder / ("x" * 90) / "run", NAME, OURSELVES)

    assert found.parent == folder
    assert len(str(found / NAME)) <= SOCKET_PATH_LIMIT
    assert socket_folder(folder / ("x" * 90) / "run", NAME, OURSELVES) == found


def test_a_foreseen_name_that_somebody_else_took_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    found = socket_folder(folder / ("x" * 90), NAME, OURSELVES)
    found.rmdir()
    found.symlink_to(folder)

    with pytest.raises(ServerError, match="belongs to somebody else"):
        socket_folder(folder / ("x" * 90), NAME, OURSELVES)


@as_root
def test_a_folder_that_nobody_cannot_reach_is_replaced_by_a_link(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SYSTEM_FOLDER", folder / "system")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    account = server_account()

    found = server_folder(closed / "postgres", account)

    assert found.parent == folder / "system"
    assert (closed / "postgres").resolve() == found
    assert found.stat().st_uid == account.uid
    assert server_folder(closed / "postgres", account) == found


@as_root
def test_reach_is_judged_by_every_folder_above(folder: Path) -> None:
    account = server_account()
    assert account.reaches(folder / "postgres")

    folder.chmod(0o700)

    assert not account.reaches(folder / "postgres")
    assert OURSELVES.reaches(folder / "postgres")
