"""Reading budgets and usage of the current tenant (row-level security bounds what a tenant's role sees; so do these)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from kernel.budgets.models import Budget, BudgetWindow, Reservation, ReservationState, UsageRecord
from kernel.budgets.windows import Window, window_start
from kernel.schemas import current_schema


@dataclass(frozen=True)
class BudgetState:
    """One budget and where it stands in its current window."""

    budget: Budget
    spent_tokens: int = 0
    spent_money: Decimal = Decimal(0)
    held_tokens: int = 0
    held_money: Decimal = Decimal(0)


@dataclass(frozen=True)
class UsageTotal:
    """Sums over usage records."""

    calls: int
    tokens: int
    money: Decimal


def budgets_now() -> list[BudgetState]:
    """The current tenant's budgets with their current windows."""
    now = timezone.now()
    budgets = list(Budget.objects.filter(schema_name=current_schema()).order_by("scope", "window"))
    windows = {(w.budget_id, w.starts_at): w for w in BudgetWindow.objects.filter(budget__in=budgets)}
    return [_state(budget, windows.get((budget.pk, window_start(Window(budget.window), now)))) for budget in budgets]


def slots_held() -> list[dict[str, Any]]:
    """The slots that calls of all tenants hold now, as they were noted. As the owning role."""
    held = Reservation.objects.filter(state=ReservationState.HELD, expires_at__gt=timezone.now(), slot__isnull=False)
    return [slot for slot in held.values_list("slot", flat=True) if slot is not None]


def usage_of_process(process: str) -> UsageTotal:
    """What the calls of one process used."""
    return _total(UsageRecord.objects.filter(schema_name=current_schema(), process=process))


def usage_of_processes(processes: Iterable[str]) -> UsageTotal:
    """What the calls of several processes used together, with one query for all."""
    return _total(UsageRecord.objects.filter(schema_name=current_schema(), process__in=list(processes)))


def money_held(processes: Iterable[str]) -> Decimal:
    """US dollars that calls of these processes have put aside and not settled, with one query for all."""
    rows = Reservation.objects.filter(schema_name=current_schema(), process__in=list(processes))
    rows = rows.filter(state=ReservationState.HELD, expires_at__gt=timezone.now())
    return rows.aggregate(money=Sum("money"))["money"] or Decimal(0)


def usage_records() -> QuerySet[UsageRecord]:
    """The current tenant's usage records, newest first."""
    return UsageRecord.objects.filter(schema_name=current_schema()).order_by("-occurred_at")


def _state(budget: Budget, window: BudgetWindow | None) -> BudgetState:
    if window is None:
        return BudgetState(budget)
    return BudgetState(budget, window.spent_tokens, window.spent_money, window.held_tokens, window.held_money)


def _total(records: QuerySet[UsageRecord]) -> UsageTotal:
    sums = records.aggregate(prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"), money=Sum("money"))
    return UsageTotal(records.count(), (sums["prompt"] or 0) + (sums["completion"] or 0), sums["money"] or Decimal(0))
