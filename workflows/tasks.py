"""Wake-ups. Losing one (``kernel.sweep`` sends another), or getting one twice, does no harm: leases in Postgres decide."""

from celery import shared_task
from django_tenants.utils import get_public_schema_name, schema_context

from kernel.scheduler.duework import register_wakeup
from workflows.services import steps_run, worker_name
from workflows.services.due import STEP_WORK


@shared_task(name="workflows.step_run")
def run_step(*, schema_name: str, step_id: int) -> bool:
    """Do what is due about one step of one tenant, and go on with its run from there."""
    with schema_context(schema_name):
        return steps_run(step_id=step_id, worker=worker_name())


def send_step(schema_name: str, reference: str) -> None:
    """Send one wake-up. Raises what the broker's client raises when the broker is away."""
    # The task enters the tenant's schema itself; told as the sender's, it would be looked up first.
    public = {"_schema_name": get_public_schema_name()}
    run_step.apply_async(kwargs={"schema_name": schema_name, "step_id": int(reference)}, headers=public)


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(STEP_WORK, send_step)
