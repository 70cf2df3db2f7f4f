"""Where a Chromium can be brought from. Each function returns a program, or None where that way is closed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from vos.embedded.console import note
from vos.embedded.programs import python

DOWNLOAD_SECONDS = 420
# The last version that runs on Node 20.
SPARTICUZ = "@sparticuz/chromium@147"
# It unpacks itself into the temporary folder, and libraries that servers lack only where it believes to be in AWS Lambda.
UNPACK = """
const module_ = await import(process.argv[1]);
console.log(JSON.stringify({ program: await module_.default.executablePath() }));
"""


def from_playwright(folder: Path) -> Path | None:
    """Playwright's own download, into ``folder``."""
    target = folder / "playwright"
    environment = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(target), "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "15000"}
    if _run("Playwright's Chromium", python("-m", "playwright", "install", "chromium"), environment=environment) is None:
        return None
    found = sorted(target.glob("chromium-*/chrome-*/chrome")) + sorted(target.glob("chromium-*/chrome-*/*.app/Contents/MacOS/*"))
    return found[-1] if found else None


def from_npm(folder: Path) -> Path | None:
    """``@sparticuz/chromium``: a headless shell for Linux on x86-64, with its libraries; needs node and npm, no root."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    install = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder / "npm"), SPARTICUZ]
    if _run(f"{SPARTICUZ} from npm", install) is None:
        return None
    return _unpack(folder, node)


def from_debian(_folder: Path) -> Path | None:
    """Debian's and its kin's package; a fresh machine has no package lists yet."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _run("package lists", [apt, "update", "-qq"], environment=environment)
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    if _run("Debian's Chromium", install, environment=environment) is None:
        return None
    found = shutil.which("chromium")
    return Path(found) if found else None


SOURCES: dict[str, Callable[[Path], Path | None]] = {
    "Playwright": from_playwright,
    "npm": from_npm,
    "apt as root": from_debian,
}


def _unpack(folder: Path, node: str) -> Path | None:
    """Have the package unpack itself into ``folder``, and put a starter beside it that knows where the libraries are."""
    module = folder / "npm" / "node_modules" / "@sparticuz" / "chromium" / "build" / "esm" / "index.js"
    temporary = folder / "unpacked"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    environment = os.environ | {"TMPDIR": str(temporary), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"}
    answer = _run("unpacking it", [node, "--input-type=module", "-e", UNPACK, str(module)], environment=environment)
    if answer is None:
        return None
    program = json.loads(answer)["program"]
    starter = folder / "chromium"
    libraries = ":".join(str(path) for path in sorted(temporary.glob("al*/lib")))
    starter.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}:${{LD_LIBRARY_PATH:-}}" exec "{program}" "$@"\n')
    starter.chmod(0o755)
    return starter


def _run(what: str, command: Sequence[str], *, environment: dict[str, str] | None = None) -> str | None:
    """Run, saying what for; the output, or None (and the reason in one line) when it failed."""
    note(f"bringing {what}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        note(f"  not this way: {error}")
        return None
    if done.returncode != 0:
        note(f"  not this way: {_reason(done.stderr or done.stdout)}")
        return None
    return done.stdout


def _reason(text: str) -> str:
    """The first line that speaks of an error, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "rror" in line), lines[-1] if lines else "it failed")
