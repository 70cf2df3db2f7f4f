"""The one way to another state, for steps and for runs. The caller holds the run's row lock (claims: the step's)."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from workflows.models import Execution, Step
from workflows.states import EXECUTIONS, LEASED, STEPS, ExecutionState, StepState, transition

type Moved = Callable[[Execution, ExecutionState], None]
_told: list[Moved] = []


def when_moved(tell: Moved) -> None:
    """Have ``tell`` called with each run that has moved, in the transaction of the move; declared when the app is ready."""
    if tell not in _told:
        _told.append(tell)


def step_move(step: Step, to: StepState, **fields: Any) -> None:
    """Move a locked step by the table, and write ``fields``. Raises IllegalTransition.

    Leaving a lease ends it, and leaving a wait forgets what was waited for.
    """
    _require_transaction()
    step.state = transition(STEPS, StepState(step.state), to).value
    if to not in LEASED:
        fields = {"lease_until": None, "worker": "", **fields}
    if to is not StepState.WAITING:
        fields = {"waiting_kind": "", "waiting_key": "", "waiting_match": {}, "expires_at": None, **fields}
    for name, value in fields.items():
        setattr(step, name, value)
    step.save(update_fields=["state", *fields])


def execution_move(execution: Execution, to: ExecutionState, **fields: Any) -> None:
    """Move a locked run by the table, and write ``fields``. Raises IllegalTransition."""
    _require_transaction()
    execution.state = transition(EXECUTIONS, ExecutionState(execution.state), to).value
    for name, value in fields.items():
        setattr(execution, name, value)
    execution.save(update_fields=["state", *fields])
    moved(execution, to)


def moved(execution: Execution, to: ExecutionState) -> None:
    """Tell whoever is to know that a run has moved; for who moves it in the database (``workflows.services.finishing``)."""
    for tell in _told:
        tell(execution, to)


def execution_locked(pk: int) -> Execution:
    """The run, locked to the end of the transaction. Everything that changes a run's steps locks it first, then the step."""
    return Execution.objects.select_for_update(no_key=True).get(pk=pk)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A state is moved inside transaction.atomic, together with what made it move.")
