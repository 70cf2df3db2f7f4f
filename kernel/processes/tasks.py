"""Wake-ups about processes. Losing one, or getting one twice, does no harm: the rows decide."""

from celery import shared_task
from django_tenants.utils import schema_context

from kernel.processes.services import HEARTBEAT, process_check_heartbeat
from kernel.scheduler.duework import register_wakeup


@shared_task(name="kernel.process_check_heartbeat")
def check_heartbeat(*, schema_name: str, pid: str) -> bool:
    """Look after one running process of one tenant."""
    with schema_context(schema_name):
        return process_check_heartbeat(pid=pid)


def send_check(schema_name: str, reference: str) -> None:
    """Send one wake-up. Raises what the broker's client raises when the broker is away."""
    check_heartbeat.apply_async(kwargs={"schema_name": schema_name, "pid": reference}, queue="kernel")


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(HEARTBEAT, send_check)
