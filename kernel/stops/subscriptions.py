"""What follows a release: the work that waited goes on."""

from kernel.events.envelope import Envelope
from kernel.events.subscriptions import subscribes
from kernel.stops.holding import work_go_on
from kernel.stops.topics import RELEASED


@subscribes(RELEASED, name="stops.work_goes_on")
def work_goes_on(event: Envelope) -> None:
    """Put everything that waits first on the list of due work; the sweeper wakes workers for it within five seconds."""
    work_go_on(str(event.data["schema_name"]))
