"""``make test``: find a Chromium, then run pytest; the servers come with the plugin (``pytest_plugin``)."""

import os
import sys

from vos.embedded.chromium import find_or_bring
from vos.embedded.console import note
from vos.embedded.local import ROOT
from vos.embedded.programs import python


def test(arguments: list[str]) -> int:
    """Become pytest; its exit code is ours. Without a Chromium the run fails before it begins, saying what to do."""
    chromium = find_or_bring()
    note(f"Chromium for the browser tests: {chromium}")
    os.environ["VOS_CHROMIUM"] = str(chromium)
    os.chdir(ROOT)
    sys.stdout.flush()
    command = python("-m", "pytest", *arguments)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted
