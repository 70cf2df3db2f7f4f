"""Wake-ups for queues. Losing one, or getting one twice, does no harm: the limit's row is locked while places are counted."""

from celery import shared_task
from django_tenants.utils import schema_context

from kernel.scheduler.duework import register_wakeup
from workflows.models import Execution
from workflows.services.limits import QUEUE_WORK, queue_due_now, queue_look
from workflows.services.moves import when_moved
from workflows.states import ExecutionState

_FREE = (ExecutionState.COMPLETED, ExecutionState.CANCELLED, ExecutionState.ROLLED_BACK)


@shared_task(name="workflows.queue_look")
def look(*, schema_name: str, definition: str) -> int:
    """Let runs of one definition of one tenant begin that there is room for."""
    with schema_context(schema_name):
        return queue_look(definition=definition)


def send_queue(schema_name: str, reference: str) -> None:
    """Send one wake-up. Raises what the broker's client raises when the broker is away."""
    look.apply_async(kwargs={"schema_name": schema_name, "definition": reference})


def place_free(execution: Execution, to: ExecutionState) -> None:
    """A run that had a place is over: have somebody look who is next, after the commit."""
    if to in _FREE and execution.concurrency_key and execution.parent_step_id is None:
        queue_due_now(execution.name)


def register_wakeups() -> None:
    """Declare who is woken, and listen to the ends of runs; called when the app is ready."""
    register_wakeup(QUEUE_WORK, send_queue)
    when_moved(place_free)
