"""What a subcommand of ``manage.py model`` is, and how it says that it failed."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

UNUSABLE_FILE = 2
WRONG_FIGURE = 1


@dataclass(frozen=True, slots=True)
class Subcommand:
    """``run`` takes the parsed options and a ``write`` for what is printed; it raises CommandError with a return code."""

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Mapping[str, Any], Callable[[str], object]], None]


def read_text(name: str) -> str:
    """The text of a file, or of standard input for ``-``; CommandError with status 2 where there is none."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}", returncode=UNUSABLE_FILE) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: is not UTF-8 text", returncode=UNUSABLE_FILE) from error
