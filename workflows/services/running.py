"""Running a step: claim, prepare outside any transaction, commit everything in one."""

import logging
import random as randomness
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from kernel.processes.draining import is_draining
from kernel.stops.checks import Stopped, stops_here
from kernel.stops.work import working_on
from kernel.tracing import continued_trace
from workflows.definition import CompositeStep, OutputMismatch, checked_output
from workflows.models import Step
from workflows.selectors.held import require_held
from workflows.services.breakers import breaker_guarded
from workflows.services.children import CHILDREN
from workflows.services.claims import LEASE, LOST, Lease, LeaseLost, locked_by, step_claim
from workflows.services.closing import step_attempt_failed, step_complete, step_look_later
from workflows.services.compensation import step_compensate
from workflows.services.due import wake_kept, wake_kept_now
from workflows.services.family import children_look
from workflows.services.finishing import lease_held, step_close
from workflows.services.heartbeat import Heartbeat
from workflows.services.moves import execution_locked
from workflows.services.places import children_begin
from workflows.services.signals import SIGNAL
from workflows.services.standing_still import ancestor_names, step_put_back, step_stands_still
from workflows.services.step_runs import inputs_of, run_of
from workflows.services.undoing import Undoing, undoing_prepare
from workflows.states import StepState
from workflows.steps.protocol import StepHandler, StepRun, StepTerminal, Waiting
from workflows.steps.registry import handler_of

logger = logging.getLogger(__name__)

# Then somebody else is woken, so that a long run does not keep a worker from all others.
MOST_IN_A_ROW = 50

# Who sends these holds the lock of the run, or of the children: they are seen, or see the step wait.
_TOLD_UNDER_LOCK = frozenset({CHILDREN, SIGNAL})

type Random = Callable[[], float]


def step_run(*, step_id: int, worker: str, length: timedelta = LEASE, random: Random = randomness.random) -> bool:
    """Do what is due about a step, if it is to be had: run it, undo it, or look whether what it waits for is there.

    Returns whether something was done. Raises nothing that the step itself raised: that is recorded with its attempt. Only a
    database that is away comes through; then the lease expires, and another worker takes the step.
    """
    if step_stands_still(step_id):
        return False
    lease = step_claim(step_id=step_id, worker=worker, length=length)
    if lease is None:
        return step_check(step_id=step_id) or children_look(step_id=step_id)
    return _attempt(lease, random, takes_next=False).is_over


def steps_run(
    *, step_id: int, worker: str, length: timedelta = LEASE, random: Random = randomness.random, most: int = MOST_IN_A_ROW
) -> bool:
    """As ``step_run``, and then go on with the run for as long as exactly this worker may: each step takes the next as it ends.

    What it waited for being there, a waiting step is followed the same way. Other ways that become ready are left to whoever is
    woken for them. At most ``most`` steps, and none more once this worker is told to end: then the next one is on the list of due
    work, and somebody is woken for it.
    """
    did, done = False, 0
    lease: Lease | None = None
    with wake_kept(step_id) as kept:
        while (lease is not None or kept) and done < most:
            if lease is None:
                step_id = kept.pop()
                if step_stands_still(step_id):
                    continue
                lease = step_claim(step_id=step_id, worker=worker, length=length)
            done += 1
            if lease is None:
                did = step_check(step_id=step_id) or children_look(step_id=step_id) or did
            else:
                is_over, lease = _attempt(lease, random, takes_next=done < most and not is_draining() and not stops_here())
                did = did or is_over
            if lease is not None or is_draining():
                wake_kept_now(kept)  # nobody else is to wait for what this worker does first
    return did


class _Attempt(NamedTuple):
    """How an attempt went: whether it was this worker that ended it, and the step that it took next."""

    is_over: bool
    following: Lease | None = None


def _attempt(lease: Lease, random: Random, *, takes_next: bool) -> _Attempt:
    step = lease.step
    above = partial(ancestor_names, step.execution)
    with (
        continued_trace(step.execution.trace_context, f"workflow step {step.key}", **{"vos.execution": step.execution.reference}),
        working_on(f"workflow:{step.execution.name}", more=above if step.execution.depth else None),
    ):
        if lease.is_compensation:
            return _Attempt(_undo(lease, step, random))
        return _do(lease, step, random, takes_next)


def _do(lease: Lease, step: Step, random: Random, takes_next: bool) -> _Attempt:
    inputs: dict[str, Any] | None = None
    try:
        _refuse_poison(step)
        inputs = inputs_of(step.execution, step)
        run, handler = run_of(step.execution, step, inputs), handler_of(step.kind)
        require_held(run)
        with Heartbeat(lease, longest_seconds=run.spec.timeout_seconds):
            prepared = breaker_guarded(run.spec, partial(handler.prepare, run), run.inputs)
    except Exception as error:  # noqa: BLE001  -- as above
        return _Attempt(_failed(lease, error, random, inputs))
    return _commit(lease, handler, run, prepared, random, takes_next)


def _commit(lease: Lease, handler: StepHandler, run: StepRun, prepared: Any, random: Random, takes_next: bool) -> _Attempt:
    try:
        with transaction.atomic():
            held = lease_held(lease)
            result = handler.commit(run, prepared)
            following = step_close(held, result, run.inputs, takes_next)
    except LeaseLost:
        logger.info("workflow.lease_lost", extra={"step": lease.step_id, "fence": lease.fence})
        handler.discard(run, prepared)
        return _Attempt(False)
    except Exception as error:  # noqa: BLE001  -- as above
        _renew_connection()
        handler.discard(run, prepared)
        return _Attempt(_failed(lease, error, random, dict(run.inputs)))
    if isinstance(result, Waiting) and result.kind not in _TOLD_UNDER_LOCK:
        # It may have come after ``commit`` looked for it, and have found nobody that waits. From now on it finds us.
        step_check(step_id=lease.step_id)
    return _Attempt(True, following)


def _undo(lease: Lease, step: Step, random: Random) -> bool:
    try:
        _refuse_poison(step)
        prepared = _undoing_prepared(lease, step)
        with transaction.atomic():
            execution, locked = locked_by(lease)
            step_compensate(execution, locked, prepared)
    except LeaseLost:
        return False
    except Exception as error:  # noqa: BLE001  -- as above
        return _failed(lease, error, random, None)
    return True


def _undoing_prepared(lease: Lease, step: Step) -> Undoing | None:
    """The slow part of a compensation that the definition declares, outside any transaction."""
    spec = step.execution.graph.steps[step.key]
    if spec.compensate is None or isinstance(spec, CompositeStep):
        return None  # a composite step's children are undone first
    with Heartbeat(lease, longest_seconds=spec.timeout_seconds):
        return undoing_prepare(step.execution, step)


def _failed(lease: Lease, error: Exception, random: Random, inputs: dict[str, Any] | None) -> bool:
    if isinstance(error, Stopped):
        return step_put_back(lease, error)
    _renew_connection()
    logger.warning("workflow.attempt_failed", extra={"step": lease.step_id, "error": str(error)}, exc_info=error)
    try:
        with transaction.atomic():
            execution, step = locked_by(lease)
            step_attempt_failed(execution, step, error, random=random, inputs=inputs)
    except LeaseLost:
        return False
    return True


def _refuse_poison(step: Step) -> None:
    """A step whose workers were lost as often as it may fail is not run once more."""
    if step.failures >= step.execution.graph.steps[step.key].retry.most_attempts:
        raise StepTerminal(f"{LOST} That happened {step.failures} times, so the step may be what kills its workers.")


def step_check(*, step_id: int) -> bool:
    """Look whether what a waiting step waits for is there, and go on if so; False if the step does not wait."""
    found = Step.objects.filter(pk=step_id, state=StepState.WAITING.value).values_list("execution_id", flat=True).first()
    if found is None:
        return False
    try:
        with transaction.atomic():
            return _look(found, step_id)
    except Exception:
        # What was wrong may pass; if not, the look after next fails the same way, and the log says so each time.
        logger.exception("workflow.check_failed", extra={"step": step_id})
        step_look_later(Step.objects.get(pk=step_id))
        return True


def _look(execution_id: int, step_id: int) -> bool:
    execution = execution_locked(execution_id)
    step = execution.steps.select_for_update(no_key=True).filter(pk=step_id, state=StepState.WAITING.value).first()
    if step is None:
        return False
    run = run_of(execution, step, step.input or {})
    try:
        done = handler_of(step.kind).arrived(run)
        if done is None and step.expires_at and step.expires_at <= timezone.now():
            raise StepTerminal(
                f"Nothing arrived until {step.expires_at:%Y-%m-%d %H:%M} UTC. Retry to wait again, or skip the step."
            )
        if done is not None:
            checked_output(run.spec, done.output)
    except (StepTerminal, OutputMismatch) as error:
        step_attempt_failed(execution, step, error, random=lambda: 0.0)
        return True
    if done is None:
        if "at_once" in step.waiting_match and step.waiting_kind == CHILDREN:
            children_begin(step, at_once=step.waiting_match["at_once"])  # in case a place got lost
        step_look_later(step)
    else:
        step_complete(execution, step, done, run.inputs)
    return True


def _renew_connection() -> None:
    # After a restart of Postgres the old connection is of no use. Inside a caller's transaction it is the caller's.
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
