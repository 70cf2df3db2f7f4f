"""Promise 9 under two hundred callers at once, with real transactions."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from django.db import connection, transaction
from django_tenants.utils import schema_context, tenant_context

from kernel.budgets.models import Budget, BudgetWindow, Reservation, UsageRecord
from kernel.budgets.services import BudgetExceeded, Used, budget_reserve, reservation_release, reservation_settle
from kernel.events.models import OutboxEvent
from tenants.models import Tenant

CALLERS = 200


def _together(tenant: Tenant, work: Callable[[int], int]) -> list[int]:
    """All callers, each on a connection of its own, and none begins before all have one."""
    all_are_here = threading.Barrier(CALLERS, timeout=120)

    def run(number: int) -> int:
        try:
            with tenant_context(tenant):
                connection.ensure_connection()
                all_are_here.wait()
                return work(number)
        except BaseException:
            all_are_here.abort()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(run, range(CALLERS)))


def _window() -> BudgetWindow:
    return BudgetWindow.objects.get(schema_name="acme", budget__scope="tenant")


def test_promise_9_two_hundred_callers_never_overshoot_one_budget(committed: Tenant) -> None:
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
    Budget.objects.create(schema_name="acme", window="total", limit_tokens=8000)
    Budget.objects.create(schema_name="acme", scope="agent:a", window="hour", limit_tokens=3600)
    Budget.objects.create(schema_name="acme", scope="agent:b", window="day", limit_tokens=3600)

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


def test_promise_9_what_is_spent_beyond_the_limit_is_what_providers_delivered_beyond_the_reservation(committed: Tenant) -> None:
    Budget.objects.create(schema_name="acme", window="total", limit_tokens=3000)

    def call(number: int) -> int:
        try:
            reservation = budget_reserve(tokens=50, money=Decimal(0))
        except BudgetExceeded:
            return 0
        # Every third provider does not keep to the most that it was asked for.
        reservation_settle(reservation=reservation.pk, used=Used(20, 30 + (number % 3 == 0) * 7), deployment="fake")
        return 50 + (number % 3 == 0) * 7

    spent = sum(_together(committed, call))
    with schema_context("public"):
        over = sum(UsageRecord.objects.values_list("tokens_over_reservation", flat=True))
        assert _window().spent_tokens == spent
        assert spent - over <= 3000
        assert (spent > 3000) <= (over >= spent - 3000)
        assert _window().held_tokens == 0
        refused_at = OutboxEvent.objects.filter(topic="budget.threshold_passed", data__threshold="refused").count()
        assert refused_at == 1, "told once, by whichever of the refused callers came first"


def test_who_waits_for_a_window_to_be_opened_holds_no_lock_on_another(committed: Tenant) -> None:
    """At the turn of an hour one caller opened the agent's window and wanted the tenant's, and another the other way round."""
    for scope in ("tenant", "agent:a"):
        Budget.objects.create(schema_name="acme", scope=scope, window="total", limit_tokens=1000)
    with tenant_context(committed):
        budget_reserve(tokens=1, money=Decimal(0))
    agents = Budget.objects.get(schema_name="acme", scope="agent:a")

    def reserve() -> None:
        try:
            with tenant_context(committed):
                budget_reserve(tokens=1, money=Decimal(0), scopes=["agent:a"])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            BudgetWindow.objects.create(schema_name="acme", budget=agents, starts_at=_window().starts_at)
            waiting = pool.submit(reserve)
            _until(_somebody_waits)
            assert BudgetWindow.objects.select_for_update(nowait=True).get(budget__scope="tenant", schema_name="acme")
        waiting.result(timeout=10)
    assert sorted(BudgetWindow.objects.values_list("budget__scope", "held_tokens")) == [("agent:a", 1), ("tenant", 2)]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees what it has looked at as it was then
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        return bool(cursor.fetchone()[0])


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
