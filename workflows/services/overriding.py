"""Giving a step another output than it had, or would have had: a person's decision, checked like the step's own and audited."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tenants.actors import Actor
from workflows.definition import ApprovalStep, BranchStep, StepSpec
from workflows.definition.inputs import checked_output
from workflows.interventions.models import Override
from workflows.models import Execution, Step
from workflows.selectors.outputs import own_output
from workflows.services.control import require_reason
from workflows.services.passing import step_locked, step_pass
from workflows.services.records import step_record
from workflows.services.rights import require_control
from workflows.states import TAKEN_WHILE, ExecutionState, IllegalTransition, StepState

# Not begun: it will read the new output.
_AHEAD = frozenset({StepState.PENDING, StepState.READY})


class OverrideRefused(ValueError):
    """The output cannot be given to this step; the message says why, and what to do instead."""


def step_override(*, step: Step, output: Mapping[str, Any], reason: str, actor: Actor) -> Step:
    """Have later steps read ``output`` as this step's.

    A step that failed, waits or has not begun is over with it (as skipped: nothing was done, so there is nothing to undo). A
    completed one keeps what it did, and rolling back still undoes that. For a branch, ``{"taken": step}`` is the way on.

    Raises PermissionDenied, ReasonMissing, OutputMismatch, OverrideRefused for approvals (only people's votes decide those), and
    IllegalTransition where a worker holds the step, or a later step has read the former output: fork the run instead.
    """
    require_control(actor, step.execution)
    require_reason(reason, "the output is replaced")
    with transaction.atomic():
        execution, locked = step_locked(step)
        spec = execution.graph.steps[locked.key]
        _require_overridable(execution, locked, spec)
        checked_output(spec, output)
        former = locked.output if locked.state == StepState.COMPLETED else None
        Override.objects.create(step=locked, former_output=former, output=dict(output), reason=reason, made_by=actor.identifier)
        if locked.state == StepState.COMPLETED:
            _replace(execution, locked, output, reason, actor)
        else:
            step_pass(
                execution,
                locked,
                word="overridden",
                actor=actor.identifier,
                reason=reason,
                output=output,
                taken=_way(spec, output),
                overridden_by=actor.identifier,
            )
    return locked


def step_override_undo(*, step: Step, reason: str, actor: Actor) -> Step:
    """Have the step's own output count again, while no later step has read what people put in its place.

    Raises PermissionDenied, ReasonMissing, OverrideRefused for a step whose output nobody replaced or that gave none of its own,
    and IllegalTransition once something has begun upon it, or the run is over: fork the run instead.
    """
    require_control(actor, step.execution)
    require_reason(reason, "the step's own output counts again")
    with transaction.atomic():
        execution, locked = step_locked(step)
        spec = execution.graph.steps[locked.key]
        own = _own(locked)
        _require_overridable(execution, locked, spec)
        Override.objects.create(step=locked, former_output=locked.output, output=own, reason=reason, made_by=actor.identifier)
        locked.output, locked.reason, locked.overridden_by = own, "", ""
        locked.save(update_fields=["output", "reason", "overridden_by"])
        step_record(execution, locked, "override_undone", actor=actor.identifier, reason=reason, detail={"output": own})
    return locked


def _own(step: Step) -> dict[str, Any]:
    """What the step itself gave before the first override."""
    if not step.overridden_by:
        raise OverrideRefused(f"Nobody replaced the output of {step.title!r}, so there is nothing to take back.")
    if step.state != StepState.COMPLETED:
        raise OverrideRefused(
            f"{step.title!r} had given nothing of its own when its output was overridden: the override ended it. "
            "Override it again, or fork the run from here to have it done."
        )
    return dict(own_output(step))


def _require_overridable(execution: Execution, step: Step, spec: StepSpec) -> None:
    if isinstance(spec, ApprovalStep):
        raise OverrideRefused("An approval is people's decision and cannot be overridden. Have them vote, or skip the step.")
    if ExecutionState(execution.state) not in TAKEN_WHILE:
        raise IllegalTransition(f"The run is {execution.state}. Fork it from this step to go on with another output.")
    if step.state == StepState.RUNNING:
        raise IllegalTransition(f"A worker holds the step {step.title!r}. Wait for it to end, or steer its agent.")
    if step.state == StepState.COMPLETED:
        _require_unread(execution, step, spec)


def _require_unread(execution: Execution, step: Step, spec: StepSpec) -> None:
    if isinstance(spec, BranchStep):
        raise IllegalTransition("The run has taken this branch already. Fork it from here to go the other way.")
    following = execution.steps.filter(key__in=step.taken)
    begun = [after.title for after in following if StepState(after.state) not in _AHEAD]
    if begun:
        raise IllegalTransition(f"{', '.join(begun)} went on from the former output. Fork the run from {step.title!r} instead.")


def _way(spec: StepSpec, output: Mapping[str, Any]) -> list[str] | None:
    if not isinstance(spec, BranchStep):
        return None
    taken = output.get("taken")
    if taken not in spec.targets:
        raise OverrideRefused(f'Say where the branch leads: {{"taken": …}} with one of {", ".join(spec.targets)}.')
    return [str(taken)]


def _replace(execution: Execution, step: Step, output: Mapping[str, Any], reason: str, actor: Actor) -> None:
    step.output, step.reason, step.overridden_by = dict(output), reason, actor.identifier
    step.save(update_fields=["output", "reason", "overridden_by"])
    step_record(execution, step, "overridden", actor=actor.identifier, reason=reason, detail={"output": dict(output)})
