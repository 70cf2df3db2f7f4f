"""What must be true when the storm is over."""

import time
from collections import Counter
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone
from django_tenants.utils import schema_context
from redis import Redis

from kernel.budgets.models import BudgetWindow, Reservation, UsageRecord
from kernel.budgets.services import reservations_expire
from kernel.context.models import ContextSnapshot
from kernel.processes.models import Process, ProcessEvent
from kernel.scheduler.admission import AdmissionQueue
from kernel.scheduler.models import DueWork
from tests.chaos.program import QUEUE, RESERVED_FOR, RULES

# Ends that are right: it did its work, or a person or its parent's end stopped it.
RIGHT = {"done", "killed"}


def findings(schema: str, url: str) -> list[str]:
    """Every sentence is something wrong."""
    with schema_context(schema):
        wrong = [*_states(), *_effects(), *_numbers(), *_families(), *_leftovers()]
    # What the dead held ends by itself: reservations, and leases of slots.
    until = time.monotonic() + max(RESERVED_FOR.total_seconds(), RULES.lease_seconds) + 1
    while (left := [*_books(schema), *_slots(url)]) and time.monotonic() < until:
        time.sleep(0.2)
    return [*wrong, *left]


def _states() -> list[str]:
    rows = Process.objects.exclude(state__in=RIGHT)
    wrong = [f"{row.pk} is {row.state}: {row.error[:200]} (waits for {row.waiting_for!r}, {_lease(row)})" for row in rows[:20]]
    return [*wrong, *([f"{rows.count()} in a wrong state altogether"] if wrong else [])]


def _lease(row: Process) -> str:
    return f"signal {row.signal!r}, fence {row.fence}, held by {row.worker} until {row.lease_until}, now {timezone.now()}"


def _effects() -> list[str]:
    """Whoever is done has each effect once; nobody has one twice."""
    wrong = []
    happened: dict[object, list[int]] = {}
    for pid, step in ProcessEvent.objects.filter(kind="effect").order_by("id").values_list("process_id", "data__step"):
        happened.setdefault(pid, []).append(step)
    for process in Process.objects.all():
        steps, wanted = happened.get(process.pk, []), list(range(process.inputs["steps"]))
        if steps != wanted[: len(steps)] or (process.state == "done" and steps != wanted):
            wrong.append(f"{process.pk} ({process.state}) has the effects {steps} of {wanted}")
    return wrong


def _numbers() -> list[str]:
    counted = Counter(ProcessEvent.objects.values_list("process_id", flat=True))
    rows = Process.objects.values_list("pk", "last_event")
    return [f"{pid}: {counted[pid]} events, the last is number {last}" for pid, last in rows if counted[pid] != last]


def _families() -> list[str]:
    orphans = Process.objects.filter(ended_at=None, parent__ended_at__isnull=False)
    twice = [f"{pid} has {n} children" for pid, n in Counter(_parents()).items() if n > 1]
    return [*(f"{row.pk} outlived its parent" for row in orphans), *twice]


def _parents() -> list[object]:
    return list(Process.objects.exclude(parent=None).values_list("parent_id", flat=True))


def _leftovers() -> list[str]:
    wrong = [f"due work is left: {row}" for row in DueWork.objects.filter(kind__startswith="process.")[:5]]
    done = [str(pid) for pid in Process.objects.filter(state="done").values_list("pk", flat=True)]
    kept = ContextSnapshot.objects.filter(process__in=done).count()
    return [*wrong, *([f"{kept} snapshots of processes that are done"] if kept else [])]


def _books(schema: str) -> list[str]:
    """Nothing is held, and what windows say was spent is what the usage records sum up to."""
    reservations_expire(limit=100_000)
    usage = UsageRecord.objects.filter(schema_name=schema).aggregate(tokens=Sum("prompt_tokens"), money=Sum("money"))
    tokens, money = usage["tokens"] or 0, usage["money"] or Decimal(0)
    wrong = [
        f"{window}: {window.spent_tokens} tokens and {window.spent_money} spent, {tokens} and {money} on record"
        for window in BudgetWindow.objects.filter(schema_name=schema)
        if (window.spent_tokens, window.spent_money) != (tokens, money)
    ]
    wrong += [f"{w}: {w.held_tokens} held" for w in BudgetWindow.objects.filter(schema_name=schema) if w.held_tokens]
    held = Reservation.objects.filter(schema_name=schema, state="held").count()
    return [*wrong, *([f"{held} reservations held"] if held else [])]


def _slots(url: str) -> list[str]:
    """Leases of the dead end by themselves."""
    with Redis.from_url(url) as client:
        queue = AdmissionQueue(client, QUEUE, RULES)
        queue.ask("probe", _probe())  # whoever asks clears what is over
        queue.release("probe")
        held, waiting = queue.occupancy()
    return [f"{held} slots held and {waiting} callers waiting"] if held or waiting else []


def _probe() -> "object":
    from kernel.scheduler.policies import Request  # beside its one use

    return Request("probe", "probe", tokens=1)
