"""One worker of the storm: forked from the driver, so that it costs no start. It works until SIGTERM, then hands over."""

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django_tenants.utils import schema_context

from kernel.processes.draining import drain, is_draining
from kernel.processes.models import Process
from kernel.processes.services.leases import _CLAIMABLE
from kernel.processes.services.work import process_work
from kernel.scheduler.models import DueWork
from tests.chaos.program import LENGTH


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
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _work(schema: str, number: int, driver: int) -> None:
    worker = f"chaos:{os.getpid()}:{number}"
    while not is_draining() and os.getppid() == driver:
        try:
            with schema_context(schema):
                found = _take(schema, worker)
        except (DatabaseError, InterfaceError):
            with suppress(DatabaseError, InterfaceError):
                connection.close()
            found = False
        if not found:
            time.sleep(0.05)
    connection.close()


def _take(schema: str, worker: str) -> bool:
    """Take some of those that look as if they were to be had; several workers may try the same one."""
    rows = Process.objects.exclude(program="").filter(_CLAIMABLE).order_by("?")
    pids = [str(pid) for pid in rows.values_list("pk", flat=True)[:4]]
    if not pids:  # what the sweeper would find: parents whose child ended while nobody told them
        due = DueWork.objects.filter(schema_name=schema, kind="process.run").order_by("?")
        pids = list(due.values_list("reference", flat=True)[:4])
    taken = [process_work(pid=pid, worker=worker, length=LENGTH) for pid in pids]
    return any(taken)
