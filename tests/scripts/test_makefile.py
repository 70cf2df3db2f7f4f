"""The Makefile says what it can do, and hands the right words on."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*words: str) -> str:
    command = ["make", "--no-print-directory", "-C", str(ROOT), *words]
    # `make test WORKERS=2` hands its variables down to every make below it.
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_help_lists_every_target() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None

    listed = re.findall(r"^  make ([a-z-]+) ", make("help"), re.MULTILINE)

    assert sorted(listed) == sorted(declared[1].split())
    assert make() == make("help")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run",), "python -m vos.embedded run"),
        (("run", "ONCE=1"), "python -m vos.embedded run --once"),
        (("run", "ONCE=0"), "python -m vos.embedded run"),
        (("reset", "YES=1"), "python -m vos.embedded reset --yes"),
        (("test", "WORKERS=4", "ARGS=-k approval"), "python -m vos.embedded test -n 4 -k approval"),
        (("test",), f"python -m vos.embedded test -n {os.sysconf('SC_NPROCESSORS_ONLN') + 2}"),
    ],
)
def test_variables_become_options(words: tuple[str, ...], expected: str) -> None:
    assert make("-n", *words).rstrip().endswith(expected)
