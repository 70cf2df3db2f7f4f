"""The two state machines of the engine, each with its one transition table (drawn in docs/workflows.md).

Triggers of migration 0004 hold the same tables; tests/workflows/test_states.py compares them.
"""

from collections.abc import Mapping
from enum import StrEnum


class ExecutionState(StrEnum):
    """Where a run stands. Pausing is no state of its own: a paused run keeps its state, and nobody takes its steps."""

    RUNNING = "running"
    FAILED = "failed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    STUCK = "stuck"


class StepState(StrEnum):
    """Where a step stands. ``bypassed``: no branch led there. ``skipped``: a person went past it, with a reason."""

    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    BYPASSED = "bypassed"
    CANCELLED = "cancelled"
    COMPENSATION_DUE = "compensation_due"
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"
    COMPENSATION_FAILED = "compensation_failed"


# A completed run can still be rolled back: what it did is on record, step by step. ``stuck`` asks for a person.
EXECUTIONS: Mapping[ExecutionState, frozenset[ExecutionState]] = {
    ExecutionState.RUNNING: frozenset(
        {ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.CANCELLED, ExecutionState.ROLLING_BACK}
    ),
    ExecutionState.FAILED: frozenset({ExecutionState.RUNNING, ExecutionState.CANCELLED, ExecutionState.ROLLING_BACK}),
    ExecutionState.COMPLETED: frozenset({ExecutionState.ROLLING_BACK}),
    ExecutionState.CANCELLED: frozenset({ExecutionState.ROLLING_BACK}),
    ExecutionState.ROLLING_BACK: frozenset({ExecutionState.ROLLED_BACK, ExecutionState.STUCK}),
    ExecutionState.STUCK: frozenset({ExecutionState.ROLLING_BACK}),
    ExecutionState.ROLLED_BACK: frozenset(),
}

# A running step whose lease expired stays running under the next worker's lease.
STEPS: Mapping[StepState, frozenset[StepState]] = {
    # To running: whoever makes it ready may take it in the same transaction.
    StepState.PENDING: frozenset({StepState.READY, StepState.RUNNING, StepState.BYPASSED, StepState.CANCELLED}),
    StepState.READY: frozenset({StepState.RUNNING, StepState.SKIPPED, StepState.CANCELLED}),
    StepState.RUNNING: frozenset(
        {StepState.COMPLETED, StepState.WAITING, StepState.READY, StepState.FAILED, StepState.CANCELLED}
    ),
    StepState.WAITING: frozenset({StepState.COMPLETED, StepState.FAILED, StepState.SKIPPED, StepState.CANCELLED}),
    StepState.FAILED: frozenset({StepState.READY, StepState.SKIPPED, StepState.CANCELLED}),
    StepState.COMPLETED: frozenset({StepState.COMPENSATION_DUE}),
    StepState.COMPENSATION_DUE: frozenset({StepState.COMPENSATING}),
    StepState.COMPENSATING: frozenset({StepState.COMPENSATED, StepState.COMPENSATION_DUE, StepState.COMPENSATION_FAILED}),
    # Compensated by hand, when a person says so with a reason.
    StepState.COMPENSATION_FAILED: frozenset({StepState.COMPENSATION_DUE, StepState.COMPENSATED}),
    StepState.SKIPPED: frozenset(),
    StepState.BYPASSED: frozenset(),
    StepState.CANCELLED: frozenset(),
    StepState.COMPENSATED: frozenset(),
}

# Held by a worker under a lease.
LEASED = frozenset({StepState.RUNNING, StepState.COMPENSATING})
# A run with one of these is not at its end.
OPEN = frozenset({StepState.PENDING, StepState.READY, StepState.RUNNING, StepState.WAITING, StepState.FAILED})
# Steps of runs in these states are taken by workers, unless the run is paused.
TAKEN_WHILE = frozenset({ExecutionState.RUNNING, ExecutionState.FAILED})


class IllegalTransition(ValueError):
    """Something was to be moved where its state does not lead; the message says where it does."""


def transition[S: StrEnum](table: Mapping[S, frozenset[S]], current: S, to: S) -> S:
    """Return ``to`` if ``current`` leads there. Raises IllegalTransition."""
    if to not in table[current]:
        possible = ", ".join(sorted(table[current])) or "nothing else"
        raise IllegalTransition(f"What is {current} cannot become {to}; it can become {possible}.")
    return to
