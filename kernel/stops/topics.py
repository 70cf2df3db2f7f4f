"""What stops tell. The aggregate is the stop; a tenant's events are its own, those of every tenant are the public side's."""

from kernel.events.topics import Payload, register_topic

STOPPED = "oversight.stopped"
RELEASE_ASKED = "oversight.release_asked"
RELEASED = "oversight.released"
RELEASE_WITHDRAWN = "oversight.release_withdrawn"


class StopEvent(Payload):
    """A stop was set, a first person wants it released or took that back, or the second one released it.

    ``reason`` is that person's.
    """

    stop: str
    kind: str
    key: str
    schema_name: str
    scope: str
    reason: str
    by: str
    by_name: str


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    for topic in (STOPPED, RELEASE_ASKED, RELEASE_WITHDRAWN, RELEASED):
        register_topic(topic, StopEvent)
