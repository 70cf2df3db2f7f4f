"""What every process of the storm does: some steps, each a paid call in a slot and an effect; some start a child and wait for it.

The call may be repeated by a killed worker, and is then paid twice, as in life. The effect may not.
"""

import random
import time
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from kernel.budgets.services import Used, budget_reserve, reservation_settle, reservation_slot_note
from kernel.context.content import Context
from kernel.processes.programs import ProgramRun, register_program
from kernel.processes.services import changes, process_event, process_ready, process_start
from kernel.processes.services.leases import LEASE
from kernel.scheduler.admission import Rules, admitted, slot_noted
from kernel.scheduler.admission.slots import admission_client
from kernel.scheduler.duework import wakeups
from kernel.scheduler.policies import Priority, Request
from kernel.schemas import current_schema
from vos.operations import tasks as sweeper

NAME = "chaos"
QUEUE = "chaos"
RULES = Rules(concurrency=4, lease_seconds=3.0, renew_seconds=0.5, waiter_seconds=2.0, grace_seconds=1.0, longest_queue=10_000)
# Short, so that the storm sees many leases end; LEASE is what the product uses.
LENGTH = min(LEASE, timedelta(seconds=2))
RESERVED_FOR = timedelta(seconds=4)
MOST_FAILURES = 60
TOKENS = 100


# Wake-ups go over Valkey as Celery's do and are lost with it; the real sweeper finds what was. Only the transport is its own.
WAKE = "chaos:wake"
SWEEP_SECONDS = 0.4
_QUICK = timedelta(seconds=1)


def install() -> None:
    """Have this operating-system process, and those forked from it, know the program, and hurry the sweeper."""
    register_program(NAME, program)
    for kind in list(wakeups._wakeups):
        wakeups._wakeups[kind] = _send
    changes.GRACE, changes.LOOK, sweeper.LOOK_AGAIN = _QUICK, _QUICK, 2 * _QUICK


def _send(_schema: str, reference: str) -> None:
    admission_client(settings.REDIS_URL).rpush(WAKE, reference)


def woken(seconds: float) -> str | None:
    """Whom a message says to look at, if one comes within so long."""
    heard: Any = admission_client(settings.REDIS_URL).blpop([WAKE], timeout=seconds)
    return heard[1].decode() if heard else None


def started(steps: int, *, family: bool, **others: Any) -> Any:
    """One process, ready."""
    values: dict[str, Any] = {
        "agent": "chaos@1.0.0", "inputs": {"steps": steps, "family": family}, "actor": "user:1", "program": NAME,
        "most_failures": MOST_FAILURES, "restart_seconds": 0,
    }  # fmt: skip
    return process_ready(process=process_start(**values | others))


def program(run: ProgramRun) -> Mapping[str, Any]:
    """See the module."""
    if run.inputs["family"] and "child" not in run.position:
        _with_child(run)
    for step in range(int(run.position.get("done", 0)), run.inputs["steps"]):
        _paid_call(run)
        with run.step(Context(position={**run.position, "done": step + 1}), tokens=TOKENS):
            process_event(process=run.process, kind="effect", data={"step": step})
    return {"steps": run.inputs["steps"]}


def _with_child(run: ProgramRun) -> None:
    """Start it in a step, so that a killed worker has either started one or none; then wait for it."""
    with transaction.atomic():
        child = started(1, family=False, parent=run.process)
        context = Context(position={"child": str(child.pk)})
        with run.step(context):
            pass
    run.wait(context, kind="child", key=str(child.pk))


def _paid_call(run: ProgramRun) -> None:
    held = budget_reserve(
        tokens=TOKENS, money=Decimal("0.01"), scopes=["agent:chaos"], process=str(run.process.pk), lifetime=RESERVED_FOR
    )
    request = Request(current_schema(), "agent:chaos", Priority(run.process.priority), TOKENS)
    with admitted(QUEUE, RULES, wait_seconds=30.0, request=request) as lease:
        slot_noted(lease, lambda slot: reservation_slot_note(reservation=held.pk, slot=slot.packed()))
        time.sleep(random.uniform(0.002, 0.02))
        lease.used_tokens = used = random.randint(50, TOKENS)
    reservation_settle(reservation=held.pk, used=Used(used, money=Decimal("0.005")), deployment="chaos")
