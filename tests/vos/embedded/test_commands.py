"""Starting afresh, and commands in the services' environment."""

import io
import os
import sys
from pathlib import Path

import pytest

from vos.embedded import commands
from vos.embedded.commands import execute, reset
from vos.embedded.lock import AlreadyRunningError, SupervisorLock


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "data"
    for name in ("postgres", "files", "uv", "chromium"):
        (data / name).mkdir(parents=True)
    (data / "keys.json").write_text("{}")
    monkeypatch.setenv("VOS_DATA", str(data))
    return data


def test_reset_deletes_data_and_keeps_the_tools(data: Path) -> None:
    assert reset(agreed=True) == 0
    assert sorted(path.name for path in data.iterdir()) == ["chromium", "uv"]


def test_reset_deletes_a_servers_folder_behind_its_link(data: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (data / "postgres").rmdir()
    (data / "postgres").symlink_to(elsewhere)

    reset(agreed=True)

    assert not elsewhere.exists()
    assert not (data / "postgres").is_symlink()


def test_reset_deletes_nothing_unasked(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.sys, "stdin", io.StringIO("yes\n"))  # no terminal

    assert reset(agreed=False) == 1
    assert len(list(data.iterdir())) == 5


def test_reset_is_refused_while_vos_runs(data: Path) -> None:
    lock = SupervisorLock(data)
    lock.take()

    with pytest.raises(AlreadyRunningError):
        reset(agreed=True)

    assert (data / "keys.json").exists()
    lock.release()


def test_reset_of_nothing_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOS_DATA", str(tmp_path / "none"))

    assert reset(agreed=True) == 0


def test_a_command_sees_the_services_and_its_exit_code_is_ours(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = "import os; print(os.environ['DATABASE_URL'], len(os.environ['SECRET_KEY'])); raise SystemExit(3)"

    assert execute([sys.executable, "-c", code]) == 3
    assert capfd.readouterr().out.split() == [os.environ["DATABASE_URL"], str(len(os.environ.get("SECRET_KEY", "x" * 64)))]


def test_a_command_beside_a_running_supervisor_uses_its_servers(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lock = SupervisorLock(data)
    lock.take()
    (data / "running.json").write_text('{"DATABASE_URL": "postgresql://running"}')

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL")
        assert execute([sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])"]) == 0

    assert capfd.readouterr().out == "postgresql://running\n"
    lock.release()
