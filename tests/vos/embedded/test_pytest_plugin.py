"""Each session of the tests has servers of its own, and leaves nothing behind."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vos.embedded.pytest_plugin import valkey_of

ROOT = Path(__file__).parents[3]
INNER = """
import os, time
import psycopg

def test_inner():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        pid, = connection.execute("SELECT pg_backend_pid()").fetchone()
    print("FOUND", os.environ["DATABASE_URL"], os.environ["REDIS_URL"], os.environ["VOS_DATA"], flush=True)
    time.sleep({seconds})
"""


def command(folder: Path, seconds: float = 0) -> list[str]:
    (folder / "test_inner.py").write_text(INNER.format(seconds=seconds))
    options = [
        "-p",
        "no:cacheprovider",
        "-p",
        "vos.embedded.pytest_plugin",
        "-q",
        "-s",
        "--rootdir",
        str(folder),
        # Whatever lies above the folder is none of this session's.
        "--confcutdir",
        str(folder),
    ]
    return [sys.executable, "-m", "pytest", *options, "-c", os.devnull, str(folder / "test_inner.py")]


def clean_environment() -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "VOS_DATA", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    # Others' plugins take seconds to load and are not looked at here.
    return kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def found(output: str) -> list[str]:
    (line,) = re.findall(r"^FOUND (.*)$", output, re.MULTILINE)
    return list(line.split())


def test_a_session_starts_its_own_servers_and_removes_their_folder(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path), env=clean_environment(), cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    database, broker, data = found(done.stdout)
    assert database != os.environ["DATABASE_URL"]
    assert broker != os.environ["REDIS_URL"]
    assert not Path(data).parent.exists()


def test_servers_that_are_given_are_taken(tmp_path: Path) -> None:
    given = clean_environment() | {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(command(tmp_path), env=given, cwd=ROOT, capture_output=True, text=True, check=False)

    assert found(done.stdout)[:2] == [os.environ["DATABASE_URL"], os.environ["REDIS_URL"]]


@pytest.mark.kill
def test_kill_9_of_a_session_leaves_no_server_and_no_folder(tmp_path: Path) -> None:
    session = command(tmp_path, seconds=60)
    with subprocess.Popen(session, env=clean_environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            _database, _broker, data = found(next((line for line in process.stdout if line.startswith("FOUND")), ""))
            folder = Path(data).parent
            assert folder.exists()
        finally:
            process.kill()

    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and (folder.exists() or processes_with(str(folder))):
        time.sleep(0.05)
    assert processes_with(str(folder)) == []
    assert not folder.exists()


def processes_with(text: str) -> list[str]:
    """Command lines that hold the text; without ``ps``, which small systems lack."""
    if not Path("/proc").exists():
        return []
    return [line for pid in Path("/proc").glob("[0-9]*") if text in (line := command_line(pid))]


def command_line(pid: Path) -> str:
    try:
        return (pid / "cmdline").read_text(errors="replace")
    except OSError:  # it ended while we looked
        return ""


def test_each_worker_has_a_valkey_database_of_its_own() -> None:
    urls = [valkey_of(f"gw{number}", "redis://:secret@127.0.0.1:7000/0") for number in range(15)]
    assert (urls[0], len(set(urls))) == ("redis://:secret@127.0.0.1:7000/1", 15)
    assert valkey_of("gw2", "redis://valkey.example:6379") == "redis://valkey.example:6379/3"
