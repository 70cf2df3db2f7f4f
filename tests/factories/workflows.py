"""Definitions of steps whose effects can be counted: each effect is a row in the tenant's database (an audit record)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from kernel.audit.models import AuditRecord
from kernel.audit.services import audit_record
from tenants.actors import SYSTEM_ACTOR, Actor
from workflows.definition import Definition, definition_read
from workflows.models import Execution, Step
from workflows.services import execution_start, step_run
from workflows.states import StepState
from workflows.steps.functions import StepFunction, register_function
from workflows.steps.protocol import StepRun

EFFECT = "test.effect"

# What the next attempts at a step raise, first come first; by step key. "prepare", "commit" and "undo" say where.
FAULTS: dict[tuple[str, str], list[Exception]] = {}


def _fault(where: str, key: str) -> None:
    waiting = FAULTS.get((where, key))
    if waiting:
        raise waiting.pop(0)


def _effect(text: str) -> None:
    audit_record(actor="system", action=EFFECT, subject=text)


def _prepare(run: StepRun) -> str:
    _fault("prepare", run.key)
    return f"prepared {run.key}"


def _commit(run: StepRun, prepared: Any) -> Mapping[str, Any]:
    _effect(f"do {run.key}")
    _fault("commit", run.key)
    return {"said": prepared, "given": dict(run.inputs)}


def _undo(run: StepRun, output: Mapping[str, Any]) -> None:
    _effect(f"undo {run.key}")
    _fault("undo", run.key)


register_function(StepFunction("test.effect", prepare=_prepare, commit=_commit, compensate=_undo))
register_function(StepFunction("test.value", commit=lambda run, _prepared: dict(run.inputs)))
register_function(StepFunction("test.nothing", commit=lambda _run, _prepared: None))  # type: ignore[arg-type, return-value]


@cache
def definition_of(steps: str, *, inputs: str = "{}", name: str = "probe") -> Definition:
    """A definition with these steps (YAML, not indented)."""
    body = "\n".join(f"  {line}" for line in steps.strip().splitlines())
    return definition_read(
        f"format: vos.workflow/1\nname: {name}\nversion: 1.0.0\ntitle: Probe\ninputs: {inputs}\nsteps:\n{body}\n"
    )


CHAIN = """
a: {kind: compute, function: test.effect, next: b}
b: {kind: compute, function: test.effect, next: c, inputs: {from_a: "${steps.a.output.said}"}}
c: {kind: compute, function: test.effect}
"""


def chain() -> Definition:
    """Three steps in a row."""
    return definition_of(CHAIN)


def started(definition: Definition | None = None, *, actor: Actor = SYSTEM_ACTOR, subject: str = "", **inputs: Any) -> Execution:
    """A run that has begun."""
    return execution_start(definition=definition or chain(), inputs=inputs, subject=subject, actor=actor)


def effects() -> list[str]:
    """The effects in the order in which they committed."""
    return list(AuditRecord.objects.filter(action=EFFECT).order_by("id").values_list("subject", flat=True))


def drive(execution: Execution, *, rounds: int = 50) -> Execution:
    """Run whatever is ready until nothing is, without pauses between attempts."""
    for _round in range(rounds):
        ready = execution.steps.filter(state__in=[StepState.READY, StepState.COMPENSATION_DUE]).values_list("pk", flat=True)
        if not [step_run(step_id=pk, worker="test", random=lambda: 0.0) for pk in ready]:
            break
    execution.refresh_from_db()
    return execution


def states(execution: Execution) -> dict[str, str]:
    """The state of each step."""
    return dict(execution.steps.order_by("position").values_list("key", "state"))


def step_of(execution: Execution, key: str) -> Step:
    """One step, read anew."""
    return execution.steps.select_related("execution").get(key=key)
