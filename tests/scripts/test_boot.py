"""Bringing up a machine that has next to nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE_UV = """#!/bin/sh
echo "$0 $*" >> "$JOURNAL"
case "$1" in
    --version) echo "uv {version}" ;;
    sync) mkdir -p "$UV_PROJECT_ENVIRONMENT/bin" && ln -sf {python} "$UV_PROJECT_ENVIRONMENT/bin/python" ;;
    python) exit {python_found} ;;
esac
"""
DEAD_SHIM = "#!/bin/sh\necho 'pyenv: uv: command not found' >&2\nexit 127\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    for name in ("scripts/boot", "scripts/fetch_uv.py"):
        shutil.copy(ROOT / name, root / name)
    for name in ("uv.lock", "pyproject.toml", ".python-version"):
        (root / name).write_text(name)
    return root


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake_uv(path: Path, version: str = "0.13.8", python_found: int = 0) -> Path:
    return put(path, FAKE_UV.format(version=version, python=sys.executable, python_found=python_found))


def boot(checkout: Path, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    home = checkout.parent
    environment = {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), "JOURNAL": str(home / "journal"), **variables}
    script = [str(checkout / "scripts/boot"), *command]
    return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)


def journal(checkout: Path) -> list[str]:
    file = checkout.parent / "journal"
    return [line.rsplit("/", 1)[1] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_dead_shim_on_path_is_passed_over(checkout: Path) -> None:
    put(checkout.parent / "bin/uv", DEAD_SHIM)
    fake_uv(checkout.parent / ".local/bin/uv")

    done = boot(checkout, "echo", "ready")

    assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
    assert "uv sync --frozen --quiet" in journal(checkout)


def test_a_uv_too_old_for_the_lock_file_is_passed_over(checkout: Path) -> None:
    fake_uv(checkout.parent / "bin/uv", version="0.4.30")
    fake_uv(checkout.parent / ".local/bin/uv", version="1.0.0")

    assert boot(checkout, "true").returncode == 0
    assert f"{checkout.parent}/.local/bin/uv sync" in (checkout.parent / "journal").read_text()


def test_a_second_start_asks_nobody(checkout: Path) -> None:
    fake_uv(checkout.parent / "bin/uv")
    boot(checkout, "true")
    before = journal(checkout)

    done = boot(checkout, "echo", "again")

    assert done.stdout == "again\n"
    assert done.stderr == ""
    assert journal(checkout) == before


def test_a_changed_lock_file_synchronizes_again(checkout: Path) -> None:
    fake_uv(checkout.parent / "bin/uv")
    boot(checkout, "true")
    (checkout / "uv.lock").write_text("other packages")

    boot(checkout, "true")

    assert journal(checkout).count("uv sync --frozen --quiet") == 2


def test_an_environment_whose_python_is_gone_is_made_afresh(checkout: Path) -> None:
    fake_uv(checkout.parent / "bin/uv")
    boot(checkout, "true")
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/rest").write_text("of the old one")

    assert boot(checkout, "true").returncode == 0
    assert not (checkout / ".venv/rest").exists()
    assert journal(checkout).count("uv sync --frozen --quiet") == 2


def test_without_a_wanted_python_one_line_says_what_to_install(checkout: Path) -> None:
    fake_uv(checkout.parent / "bin/uv", python_found=1)

    done = boot(checkout, "true")

    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("vos: Python 3.13 or 3.12 is needed: install one (Debian, Ubuntu: apt install python3.13")


def test_the_commands_exit_code_and_environment_pass_through(checkout: Path) -> None:
    fake_uv(checkout.parent / "bin/uv")

    done = boot(checkout, "sh", "-c", "pwd; command -v python; exit 5", VIRTUAL_ENV="/another")

    assert done.returncode == 5
    assert done.stdout.splitlines() == [str(checkout), str(checkout / ".venv/bin/python")]


def test_a_checkout_in_a_folder_with_spaces_works(checkout: Path) -> None:
    moved = checkout.rename(checkout.parent / "my check out")
    fake_uv(moved.parent / "bin/uv")

    assert boot(moved, "echo", "ready").stdout == "ready\n"


def test_uv_is_brought_without_pip_or_ensurepip(checkout: Path) -> None:
    """Debian's python3: no ensurepip; the fetcher is used (a stand-in here, for the network)."""
    (checkout / "scripts/fetch_uv.py").write_text("")
    python3 = checkout.parent / "bin/python3"
    fake = FAKE_UV.format(version="0.13.8", python=sys.executable, python_found=0)
    put(checkout.parent / "fake-uv", fake)
    put(
        python3,
        '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; *fetch_uv.py*) mkdir -p "$2" && cp "$HOME/fake-uv" "$2/uv" ;; esac\n',
    )

    done = boot(checkout, "echo", "ready")

    assert done.stdout == "ready\n", done.stderr
    assert os.access(checkout / ".data/uv/bin/uv", os.X_OK)
