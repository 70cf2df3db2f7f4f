"""Why a run waits under an emergency stop, in a sentence. From memory; queries only while something here is stopped."""

from collections.abc import Iterable

from kernel.stops.checks import stopped, stops_here
from workflows.models import Execution, Step
from workflows.services.standing_still import ancestor_names
from workflows.states import OPEN, ExecutionState, StepState

_ENDED = frozenset({ExecutionState.COMPLETED, ExecutionState.CANCELLED, ExecutionState.ROLLED_BACK})


def run_stopped(run: Execution, steps: Iterable[Step]) -> str:
    """Who stopped the run, or an agent that it still needs, and why; empty where it may go on, or has ended."""
    if ExecutionState(run.state) in _ENDED or not stops_here():
        return ""
    waiting = [step.key for step in steps if StepState(step.state) in OPEN]
    agents = {getattr(run.graph.steps.get(key), "agent", "") for key in waiting} - {""}
    stop = stopped(f"workflow:{run.name}", *ancestor_names(run)) or stopped(*(f"agent:{agent}" for agent in agents))
    return stop.sentence if stop else ""
