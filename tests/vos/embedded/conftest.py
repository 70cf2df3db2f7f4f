"""Folders for servers: short paths that the account `nobody` can walk through, which pytest's own are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.clusters import cluster_put, short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as path:
        yield path


@pytest.fixture
def cluster(folder: Path, session_folder: Path) -> Path:
    """A folder with a cluster in it."""
    cluster_put(folder, session_folder)
    return folder
