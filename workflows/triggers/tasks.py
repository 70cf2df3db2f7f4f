"""Wake-ups at set times. ``kernel.sweep`` sends one within five seconds after the time; late ones are caught up by rule."""

from celery import shared_task
from django_tenants.utils import schema_context

from kernel.scheduler.duework import register_wakeup
from workflows.triggers.services.times import TRIGGER_WORK, trigger_look


@shared_task(name="workflows.trigger_look")
def look(*, schema_name: str, trigger_id: int) -> int:
    """The time of one trigger of one tenant has come."""
    with schema_context(schema_name):
        return trigger_look(trigger_id=trigger_id)


def send_trigger(schema_name: str, reference: str) -> None:
    """Send one wake-up. Raises what the broker's client raises when the broker is away."""
    look.apply_async(kwargs={"schema_name": schema_name, "trigger_id": int(reference)})


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(TRIGGER_WORK, send_trigger)
