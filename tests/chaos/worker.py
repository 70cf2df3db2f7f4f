"""One worker of the storm: ``python -m tests.chaos.worker SCHEMA THREADS``. It works until SIGTERM, then hands over."""

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress

import django


def main(schema: str, threads: int) -> None:
    """Work until told to end."""
    django.setup()
    from kernel.processes.draining import drain  # after Django

    logging.disable(logging.CRITICAL)  # thousands of wanted failures
    from tests.chaos.program import install

    install()
    signal.signal(signal.SIGTERM, lambda *_: drain())
    faulthandler.register(signal.SIGUSR1)  # where it stands, for whoever looks for what hangs
    sys.stdout.write(f"ready {os.getpid()}\n")
    sys.stdout.flush()
    hands = [threading.Thread(target=_work, args=(schema, number)) for number in range(threads)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _work(schema: str, number: int) -> None:
    from django.db import DatabaseError, InterfaceError, connection
    from django_tenants.utils import schema_context

    from kernel.processes.draining import is_draining

    worker = f"chaos:{os.getpid()}:{number}"
    while not is_draining():
        try:
            with schema_context(schema):
                found = _take(worker)
        except (DatabaseError, InterfaceError):
            with suppress(DatabaseError, InterfaceError):
                connection.close()
            found = False
        if not found:
            time.sleep(0.05)
    connection.close()


def _take(worker: str) -> bool:
    """Take one of those that look as if they were to be had; several workers may try the same one."""
    from kernel.processes.models import Process
    from kernel.processes.services.leases import _CLAIMABLE
    from kernel.processes.services.work import process_work
    from kernel.scheduler.models import DueWork
    from kernel.schemas import current_schema
    from tests.chaos.program import LENGTH

    rows = Process.objects.exclude(program="").filter(_CLAIMABLE).order_by("?")
    pids = [str(pid) for pid in rows.values_list("pk", flat=True)[:4]]
    if not pids:  # what the sweeper would find: parents whose child ended while nobody told them
        due = DueWork.objects.filter(schema_name=current_schema(), kind="process.run").order_by("?")
        pids = list(due.values_list("reference", flat=True)[:4])
    taken = [process_work(pid=pid, worker=worker, length=LENGTH) for pid in pids]
    return any(taken)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
