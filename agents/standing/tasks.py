"""What the scheduler calls. Getting it twice does no harm: an agent that lives is not started again."""

from celery import shared_task

from agents.standing.services import standing_boot, standing_due


@shared_task(name="agents.standing_due")
def start_due(*, standing_id: int) -> int:
    """The time of one standing agent has come."""
    return standing_due(standing_id=standing_id)


@shared_task(name="agents.standing_boot")
def boot() -> int:
    """Start what is to start with each tenant."""
    return standing_boot()
