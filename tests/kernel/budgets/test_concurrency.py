"""Promise 9 under fifty callers at once, with real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from django.db import connection
from django_tenants.utils import schema_context, tenant_context

from kernel.budgets.models import Budget, BudgetWindow, Reservation, UsageRecord
from kernel.budgets.services import BudgetExceeded, Used, budget_reserve, reservation_release, reservation_settle
from tenants.models import Tenant

CALLERS = 50


def _together(tenant: Tenant, work: Callable[[int], int]) -> list[int]:
    def run(number: int) -> int:
        try:
            with tenant_context(tenant):
                return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(run, range(CALLERS)))


def _window() -> BudgetWindow:
    return BudgetWindow.objects.get(schema_name="acme", budget__scope="tenant")


def test_promise_9_fifty_callers_never_overshoot_one_budget(committed: Tenant) -> None:
    Budget.objects.create(schema_name="acme", window="total", limit_tokens=1000, limit_money=Decimal(100))

    def call(number: int) -> int:
        try:
            reservation = budget_reserve(tokens=70, money=Decimal("0.5"))
        except BudgetExceeded:
            return 0
        reservation_settle(reservation=reservation.pk, used=Used(40, 30, money=Decimal("0.5")), deployment="fake")
        return 70

    spent = _together(committed, call)
    # 14 calls of 70 fit into 1000; the fifteenth would pass it.
    assert sum(spent) == 980
    window = _window()
    assert (window.spent_tokens, window.held_tokens, window.spent_money) == (980, 0, Decimal(7))
    assert UsageRecord.objects.count() == 14


def test_promise_9_the_books_agree_when_callers_settle_release_and_use_less(committed: Tenant) -> None:
    Budget.objects.create(schema_name="acme", window="total", limit_tokens=2000)
    Budget.objects.create(schema_name="acme", scope="agent:a", window="hour", limit_tokens=900)
    Budget.objects.create(schema_name="acme", scope="agent:b", window="day", limit_tokens=900)

    def call(number: int) -> int:
        scopes = [["agent:a"], ["agent:b"], ["agent:b", "agent:a"]][number % 3]
        try:
            reservation = budget_reserve(tokens=100, money=Decimal(0), scopes=scopes)
        except BudgetExceeded:
            return 0
        if number % 5 == 0:
            reservation_release(reservation=reservation.pk)
            return 0
        reservation_settle(reservation=reservation.pk, used=Used(10, number), deployment="fake")
        return 10 + number

    spent = sum(_together(committed, call))
    with schema_context("public"):
        assert _window().spent_tokens == spent == sum(r.prompt_tokens + r.completion_tokens for r in UsageRecord.objects.all())
        assert all(window.held_tokens == 0 for window in BudgetWindow.objects.all())
        assert not Reservation.objects.filter(state="held").exists()
