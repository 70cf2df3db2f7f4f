"""Programs under an emergency stop: not taken, or put back from the middle; they go on by themselves after the release."""

from django.db import transaction

from kernel.processes.models import Process
from kernel.processes.services.changes import RUN, process_change, process_locked
from kernel.processes.services.checkpoints import lost
from kernel.processes.services.events import process_event
from kernel.processes.services.leases import Held
from kernel.processes.transitions import State
from kernel.stops.checks import Stopped, stopped, stops_here
from kernel.stops.holding import work_hold
from kernel.stops.matching import agent_name

STOPPED = "stopped"


def process_stands_still(pid: str) -> bool:
    """Whether a stop keeps the process from being taken; then it stays on the list of due work.

    No query while nothing is stopped.
    """
    if not stops_here():
        return False
    process = Process.objects.filter(pk=pid).only("agent").first()
    stop = stopped(agent_name(process.agent)) if process else None
    if stop is None:
        return False
    work_hold(Stopped(stop), kind=RUN, reference=pid)
    return True


def process_put_back(held: Held, why: Stopped) -> None:
    """A stop came in the middle: ready again from where it stood. What else it was told to do meanwhile is obeyed."""
    with transaction.atomic():
        process = process_locked(held.process)
        if lost(process, held.fence):
            return
        process_event(process=process, kind=STOPPED, data={"stop": why.stop.pk, "why": str(why)})
        process_change(process, State.READY, event={"for": STOPPED})
        if process.state == State.READY.value:
            work_hold(why, kind=RUN, reference=str(process.pk))
