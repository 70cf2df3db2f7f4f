"""Asking whether work may go on. From memory: it costs less than a microsecond while nothing is stopped.

Asked before something begins and at each piece of what runs: a model's answer, a tool, a step, a program.
"""

from django_tenants.utils import get_public_schema_name

from kernel.schemas import current_schema
from kernel.stops.matching import InForce, named
from kernel.stops.watch import watcher
from kernel.stops.work import names_now

__all__ = ["Stopped", "require_not_stopped", "stopped", "stops_here"]


class Stopped(Exception):
    """People have stopped this work. It has not failed: put it back, and it goes on by itself after the release."""

    def __init__(self, stop: InForce) -> None:
        super().__init__(f"It waits. {stop.sentence} It goes on by itself when two people have released the stop.")
        self.stop = stop


def require_not_stopped(*names: str) -> None:
    """Raise Stopped if work of the current tenant with these names (``agent:target``, ``workflow:lifecycle``) is to stand still.

    What the thread is working on (``working_on``) counts too.
    """
    if (stop := stopped(*names)) is not None:
        raise Stopped(stop)


def stopped(*names: str) -> InForce | None:
    """The stop that such work stands under, the oldest first; None if it may go on."""
    here = stops_here()
    if not here:
        return None
    schema, all_names = current_schema(), named(names) | names_now()
    return next((stop for stop in here if stop.is_about(schema, all_names)), None)


def stops_here() -> list[InForce]:
    """The stops that are about the current tenant or some of its work; in the public schema, those of the whole platform."""
    in_force = watcher.in_force()
    if not in_force:
        return []
    schema = current_schema()
    return [stop for stop in in_force if stop.is_in("" if schema == get_public_schema_name() else schema)]
