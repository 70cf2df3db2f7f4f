"""Wake-ups about processes. Losing one, or getting one twice, does no harm: the rows decide."""

import os
import socket

from celery import shared_task
from django_tenants.utils import schema_context

from kernel.processes.services import HEARTBEAT, RUN, process_check_heartbeat
from kernel.processes.services.work import process_work
from kernel.scheduler.duework import register_wakeup


@shared_task(name="kernel.process_check_heartbeat")
def check_heartbeat(*, schema_name: str, pid: str) -> bool:
    """Look after one running process of one tenant."""
    with schema_context(schema_name):
        return process_check_heartbeat(pid=pid)


@shared_task(name="kernel.process_run")
def run_process(*, schema_name: str, pid: str) -> bool:
    """Run the program of one process of one tenant, if it is to be had."""
    with schema_context(schema_name):
        return process_work(pid=pid, worker=f"{socket.gethostname()}:{os.getpid()}")


def send_check(schema_name: str, reference: str) -> None:
    """Send one wake-up. Raises what the broker's client raises when the broker is away."""
    check_heartbeat.apply_async(kwargs={"schema_name": schema_name, "pid": reference}, queue="kernel")


def send_run(schema_name: str, reference: str) -> None:
    """Send one wake-up, on a queue of its own: programs take their time. Raises what the broker's client raises."""
    run_process.apply_async(kwargs={"schema_name": schema_name, "pid": reference}, queue="processes")


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(HEARTBEAT, send_check)
    register_wakeup(RUN, send_run)
