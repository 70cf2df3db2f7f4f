"""Workers in processes of their own, for tests that kill them. Starting Django takes seconds, so one process does it, and each
worker is forked from that.
"""

import os
from collections.abc import Callable
from multiprocessing import forkserver, get_context

import psycopg
import pytest
from django.db import connection

type Forked = Callable[..., int | None]

_SECONDS = 120


@pytest.fixture(scope="module")
def forked(django_db_setup: None) -> Forked:
    """``forked(work, *arguments)`` has a worker do it, and gives its exit code: ``-SIGKILL`` where it was killed.

    The process that they are forked from imports the product as its files are when the first module asks for it. So who edits the
    product while the tests run may see a worker fail that runs other code than the test: its traceback is on standard error.
    """
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("DJANGO_SETTINGS_MODULE", "vos.settings")
        forkserver.set_forkserver_preload(["tests.started"])
        forkserver.ensure_running()
    return _forked


def _forked(work: Callable[..., None], *arguments: object) -> int | None:
    from tests.started import begin  # it starts Django, which the test process has done

    worker = get_context("forkserver").Process(target=begin, args=(work, *arguments))
    worker.start()
    worker.join(timeout=_SECONDS)
    return worker.exitcode
