"""The state machine of a process: one table, one function. It is drawn in docs/processes.md."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a process is in its life."""

    NEW = "new"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    SUSPENDED = "suspended"
    PREEMPTED = "preempted"
    DONE = "done"
    FAILED = "failed"
    KILLED = "killed"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.READY, State.RUNNING, State.SUSPENDED, State.KILLED, State.FAILED}),
    State.READY: frozenset({State.RUNNING, State.SUSPENDED, State.KILLED, State.FAILED}),
    State.RUNNING: frozenset(
        {State.READY, State.WAITING, State.SUSPENDED, State.PREEMPTED, State.DONE, State.FAILED, State.KILLED}
    ),
    State.WAITING: frozenset({State.READY, State.RUNNING, State.SUSPENDED, State.FAILED, State.KILLED}),
    State.SUSPENDED: frozenset({State.READY, State.FAILED, State.KILLED}),
    State.PREEMPTED: frozenset({State.READY, State.RUNNING, State.SUSPENDED, State.FAILED, State.KILLED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.KILLED: frozenset(),
}
TERMINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
# A worker holds the process: it works, or waits for its slot to come back.
HELD = frozenset({State.RUNNING, State.PREEMPTED})


class TransitionRefused(RuntimeError):
    """A process cannot go from its state to the wanted one."""


def next_state(current: State, wanted: State) -> State:
    """``wanted``, if the table has it after ``current``; raises TransitionRefused."""
    if wanted not in TRANSITIONS[current]:
        allowed = ", ".join(sorted(TRANSITIONS[current])) or "nothing, it has ended"
        raise TransitionRefused(f"A process that is {current.value} cannot become {wanted.value}; it may become: {allowed}.")
    return wanted
