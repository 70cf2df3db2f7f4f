"""Telling, once per window and threshold, that spending passed one."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from kernel.actors import SYSTEM
from kernel.budgets.models import BudgetWindow
from kernel.budgets.thresholds import REFUSED, Bounds, thresholds_passed
from kernel.budgets.topics import THRESHOLD_PASSED, ThresholdPassed
from kernel.events.services import event_emit


def thresholds_tell(*, windows: Sequence[int], refused: int | None = None) -> list[str]:
    """Emit an event for each threshold that ``windows`` have passed and that was not told yet; returns those told.

    ``refused`` is the window that had too little left for a call. A worker killed before it came here has told nothing, and the
    next call on the same budget does.
    """
    told: list[str] = []
    with transaction.atomic():
        rows = BudgetWindow.objects.select_for_update(of=("self",)).select_related("budget")
        for window in rows.filter(pk__in=windows).order_by("pk"):
            new = [threshold for threshold in _passed(window, refused) if threshold not in window.told]
            for threshold in new:
                _emit(window, threshold)
            if new:
                window.told = [*window.told, *new]
                window.save(update_fields=["told"])
            told += new
    return told


def _passed(window: BudgetWindow, refused: int | None) -> list[str]:
    budget = window.budget
    bounds = (Bounds(_number(budget.limit_tokens), _number(budget.soft_tokens)), Bounds(budget.limit_money, budget.soft_money))
    spent = (Decimal(window.spent_tokens), window.spent_money)
    return thresholds_passed(spent, bounds, budget.alert_percents) + ([REFUSED] if window.pk == refused else [])


def _number(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _emit(window: BudgetWindow, threshold: str) -> None:
    budget = window.budget
    data = ThresholdPassed(
        scope=budget.scope,
        window=budget.window,
        starts_at=window.starts_at.isoformat(),
        threshold=threshold,
        spent_tokens=window.spent_tokens,
        spent_money=window.spent_money,
        limit_tokens=budget.limit_tokens,
        limit_money=budget.limit_money,
    )
    event_emit(topic=THRESHOLD_PASSED, aggregate=f"budget:{budget.pk}", data=data, actor=SYSTEM)
