"""Django, started by being imported: what a process does once from which workers are forked (``tests.forked``)."""

from collections.abc import Callable
from typing import Any

import django

django.setup()

import workflows.services  # noqa: F401


def begin(work: Callable[..., None], *arguments: Any) -> None:
    """Do ``work``. Named here, so that a worker whose parent could not import Django dies of that error, and shows it."""
    work(*arguments)
