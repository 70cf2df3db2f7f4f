"""One worker of the storm: forked from the driver, so that it costs no start. It works until SIGTERM, then hands over."""

import faulthandler
import itertools
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django_tenants.utils import get_public_schema_name, schema_context
from redis.exceptions import RedisError

from kernel.processes.draining import drain, is_draining
from kernel.processes.services.work import process_work
from tests.chaos.program import LENGTH, SWEEP_SECONDS, woken
from vos.operations.tasks import sweep


def main(schema: str, threads: int, log: Path, is_ready: Any) -> None:
    """Work until told to end, or until the driver is gone."""
    driver = os.getppid()
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), sys.stdout.fileno())
        os.dup2(stream.fileno(), sys.stderr.fileno())
    logging.disable(logging.CRITICAL)  # thousands of wanted failures
    faulthandler.register(signal.SIGUSR1)  # where it stands, for whoever looks for what hangs
    signal.signal(signal.SIGTERM, lambda *_: drain())
    is_ready.set()
    hands = [threading.Thread(target=_work, args=(schema, number, driver)) for number in range(threads)]
    hands.append(threading.Thread(target=_sweep, args=(driver,)))
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _work(schema: str, number: int, driver: int) -> None:
    worker = f"chaos:{os.getpid()}:{number}"
    while not _is_over(driver):
        with _outages_borne():
            pid = woken(0.3)
            if pid is not None:
                with schema_context(schema):
                    process_work(pid=pid, worker=worker, length=LENGTH)
    connection.close()


def _sweep(driver: int) -> None:
    """What Celery's beat has a worker do; here each worker does it, and several at once do no harm."""
    for _ in itertools.takewhile(lambda _: not _is_over(driver), itertools.count()):
        with _outages_borne(), schema_context(get_public_schema_name()):
            sweep()
        time.sleep(SWEEP_SECONDS)
    connection.close()


def _is_over(driver: int) -> bool:
    return is_draining() or os.getppid() != driver


@contextmanager
def _outages_borne() -> Iterator[None]:
    """Servers come back; Celery's worker goes on too."""
    try:
        yield
    except (DatabaseError, InterfaceError, RedisError):
        with suppress(DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.05)
