"""A Chromium for browser tests: one that is there, else one that can be brought, else a sentence about what to do.

In this order: ``VOS_CHROMIUM``; a browser on PATH or among macOS' applications; what was brought before; what Playwright
downloaded before or can download now; ``@sparticuz/chromium`` from npm; Debian's package, as root.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from vos.embedded import chromium_sources
from vos.embedded.local import data_folder
from vos.embedded.processes import ServerError

NAMES = ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser", "chrome")
APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
START_SECONDS = 30
Bring = Callable[[Path], Path | None]


class ChromiumMissingError(ServerError):
    """There is no Chromium and none could be brought."""


def find_or_bring(environment: Mapping[str, str] = os.environ, sources: Mapping[str, Bring] = chromium_sources.SOURCES) -> Path:
    """The path of a Chromium that starts. Brings one over the network if need be; raises ChromiumMissingError."""
    found = find(environment)
    if found is not None:
        return found
    folder = data_folder(environment) / "chromium"
    tried = []
    for name, bring in sources.items():
        brought = bring(folder)
        if brought is not None and starts(brought):
            return brought
        tried.append(name)
    raise ChromiumMissingError(
        f"browser tests need a Chromium, and none could be brought (tried {', '.join(tried)}): install one (Debian, Ubuntu: apt "
        "install chromium; macOS: brew install --cask chromium), or name one in VOS_CHROMIUM"
    )


def find(environment: Mapping[str, str] = os.environ) -> Path | None:
    """A Chromium on this machine that starts, or None. One that VOS_CHROMIUM names must start."""
    given = environment.get("VOS_CHROMIUM")
    if given:
        if not starts(Path(given)):
            raise ChromiumMissingError(
                f"VOS_CHROMIUM={given} does not start: name a Chromium, or unset it to have one looked for"
            )
        return Path(given)
    return next((path for path in _candidates(environment) if starts(path)), None)


def starts(program: Path) -> bool:
    """Whether it runs at all: on some systems ``chromium-browser`` only tells people to install a snap."""
    try:
        command = [str(program), "--version"]
        return subprocess.run(command, capture_output=True, timeout=START_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    search = environment.get("PATH", os.defpath)
    yield from (Path(found) for name in NAMES if (found := shutil.which(name, path=search)))
    yield from (path for path in APPLICATIONS if path.exists())
    yield data_folder(environment) / "chromium" / "chromium"
    yield from playwright_downloads(environment)


def playwright_downloads(environment: Mapping[str, str]) -> list[Path]:
    """What Playwright downloaded before, newest first."""
    home = Path(environment.get("HOME", "/"))
    default = [home / ".cache" / "ms-playwright", home / "Library" / "Caches" / "ms-playwright"]
    given = environment.get("PLAYWRIGHT_BROWSERS_PATH")
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    folders = [Path(given)] if given else default
    return sorted((path for folder in folders for pattern in patterns for path in folder.glob(pattern)), reverse=True)
