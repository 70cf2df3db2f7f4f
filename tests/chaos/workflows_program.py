"""What every run of the workflows' storm does: steps with an effect each, that fail now and then; some map over children.

``prepare`` may be repeated by a killed worker. The effect may not: it is a row, written in the transaction that ends the step.
"""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from redis import Redis, RedisError

from kernel.audit.services import audit_record
from kernel.scheduler.duework import wakeups
from tenants.actors import SYSTEM_ACTOR
from workflows.definition import Definition, definition_read
from workflows.models import Execution
from workflows.services import execution_start
from workflows.services.claims import LEASE
from workflows.services.due import STEP_WORK
from workflows.steps.functions import StepFunction, register_function
from workflows.steps.protocol import StepRetryable, StepRun

EFFECT = "chaos.effect"
QUEUE = "chaos:steps"
ITEMS = 4
# Short, so that the storm sees many leases end; LEASE is what the product uses.
LENGTH = min(LEASE, timedelta(seconds=2))

_RETRY = "retry: {attempts: 100, first_seconds: 0.05, longest_seconds: 0.5}"
_WAYS = [f", next: s{number + 1}" for number in range(4)] + [""]
_PLAIN = "".join(f"  s{number}: {{kind: compute, function: chaos.effect, {_RETRY}{way}}}\n" for number, way in enumerate(_WAYS))
_FAMILY = f"""  first: {{kind: compute, function: chaos.effect, {_RETRY}, next: many}}
  many:
    kind: map
    over: ${{inputs.items}}
    at_once: 2
    {_RETRY}
    next: last
    body: {{kind: compute, function: chaos.effect, {_RETRY}}}
  last: {{kind: compute, function: chaos.effect, {_RETRY}}}
"""


def definition(*, family: bool) -> Definition:
    """Five steps in a row; or a step, a map over four children two at a time, and a step."""
    head = "format: vos.workflow/1\nname: {}\nversion: 1.0.0\ntitle: Chaos\ninputs: {{items: {{type: list}}}}\nsteps:\n"
    return definition_read(head.format("family" if family else "plain") + (_FAMILY if family else _PLAIN))


def _fails_sometimes(_run: StepRun) -> None:
    if random.random() < 0.02:
        raise StepRetryable("The weather is bad.")


def _effect(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    audit_record(actor="system", action=EFFECT, subject=f"{run.execution}:{run.key}")
    return {"done": run.key}


def install(url: str) -> None:
    """Have this operating-system process know the function, and wake the storm's workers over Valkey."""
    register_function(StepFunction("chaos.effect", prepare=_fails_sometimes, commit=_effect))
    client = Redis.from_url(url, socket_timeout=2)

    def send(_schema: str, reference: str) -> None:
        client.lpush(QUEUE, reference)

    for kind in list(wakeups._wakeups):
        wakeups._wakeups[kind] = lambda _schema, _reference: None
    wakeups._wakeups[STEP_WORK] = send


def woken(client: Redis) -> int | None:
    """The next step that somebody was woken for; None after half a second, or without Valkey."""
    try:
        found = client.brpop([QUEUE], timeout=0.5)
    except RedisError:
        return None
    return int(found[1]) if found else None


def started(*, family: bool) -> Execution:
    """One run."""
    items = list(range(ITEMS)) if family else []
    return execution_start(definition=definition(family=family), inputs={"items": items}, subject="", actor=SYSTEM_ACTOR)
