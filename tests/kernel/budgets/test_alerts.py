"""Soft limits and alerts: told once per window and threshold, as events."""

from decimal import Decimal
from typing import Any

import pytest
from django_tenants.utils import schema_context
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.budgets.alerts import thresholds_tell
from kernel.budgets.models import Budget, BudgetWindow
from kernel.budgets.services import BudgetExceeded, Used, budget_reserve, reservation_settle
from kernel.budgets.thresholds import Bounds, thresholds_passed
from kernel.events.models import OutboxEvent
from tenants.models import Tenant


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant) -> Tenant:
    return in_acme


def budget(**changes: Any) -> Budget:
    with schema_context("public"):
        return Budget.objects.create(**{"schema_name": "acme", "window": "day"} | changes)


def spend(tokens: int, money: str = "0", **named: Any) -> None:
    held = budget_reserve(tokens=tokens, money=Decimal(money), **named)
    reservation_settle(reservation=held.pk, used=Used(tokens, money=Decimal(money)), deployment="fake")


def told() -> list[tuple[str, str]]:
    with schema_context("public"):
        rows = OutboxEvent.objects.filter(topic="budget.threshold_passed").order_by("id")
        return [(row.data["scope"], row.data["threshold"]) for row in rows]


def test_each_threshold_is_told_once_in_a_window() -> None:
    budget(limit_tokens=100, soft_tokens=50, alert_percents=[80, 100])
    seen = []
    for _ in range(10):
        spend(10)
        seen.append([threshold for _scope, threshold in told()])
    assert seen[3:5] == [[], ["soft"]]
    assert seen[6:8] == [["soft"], ["soft", "80%"]]
    assert seen[9] == ["soft", "80%", "100%"]


def test_a_refused_call_is_told_once_and_names_the_budget() -> None:
    budget(scope="agent:target", limit_tokens=10)
    for _ in range(3):
        with pytest.raises(BudgetExceeded):
            spend(11, scopes=["agent:target"])
    assert told() == [("agent:target", "refused")]
    with schema_context("public"):
        event = OutboxEvent.objects.get(topic="budget.threshold_passed")
    assert (event.schema_name, event.data["limit_tokens"], event.data["spent_tokens"]) == ("acme", 10, 0)


def test_a_soft_limit_tells_and_refuses_nothing() -> None:
    budget(soft_money=Decimal(1))
    spend(1, "5")
    spend(1, "5")
    assert told() == [("tenant", "soft")]


def test_a_new_window_tells_anew() -> None:
    row = budget(soft_tokens=5)
    spend(5)
    with schema_context("public"):
        BudgetWindow.objects.filter(budget=row).update(starts_at="2026-01-01T00:00:00Z")
    spend(5)
    assert told() == [("tenant", "soft")] * 2


def test_a_leap_over_several_thresholds_tells_them_all_lowest_first() -> None:
    budget(limit_money=Decimal(10), alert_percents=[90, 50])
    spend(1, "9.5")
    assert told() == [("tenant", "50%"), ("tenant", "90%")]


def test_what_a_killed_worker_did_not_tell_the_next_call_tells() -> None:
    row = budget(soft_tokens=5)
    spend(5)
    with schema_context("public"):
        # As if it had been killed between settling and telling.
        OutboxEvent.objects.all().delete()
        BudgetWindow.objects.filter(budget=row).update(told=[])
    spend(0)
    assert told() == [("tenant", "soft")]


def test_telling_again_tells_nothing() -> None:
    budget(soft_tokens=5)
    spend(5)
    windows = list(BudgetWindow.objects.values_list("pk", flat=True))
    assert thresholds_tell(windows=windows) == []


AMOUNTS = st.none() | st.integers(0, 50)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.lists(st.integers(1, 100), max_size=3))
def test_the_database_asks_for_telling_exactly_when_the_rule_says_so(
    tokens: int, money: int, hard: int | None, soft: int | None, hard_money: int | None, soft_money: int | None, shares: list[int]
) -> None:
    with schema_context("public"):
        Budget.objects.all().delete()
        OutboxEvent.objects.all().delete()
    budget(soft_tokens=soft, soft_money=soft_money, alert_percents=shares)
    held = budget_reserve(tokens=0, money=Decimal(0))
    with schema_context("public"):  # after reserving, so that it is not refused
        Budget.objects.update(limit_tokens=hard, limit_money=hard_money)
    reservation_settle(reservation=held.pk, used=Used(tokens, money=Decimal(money)), deployment="fake")
    bounds = [Bounds(_number(hard), _number(soft)), Bounds(_number(hard_money), _number(soft_money))]
    assert [threshold for _scope, threshold in told()] == thresholds_passed([Decimal(tokens), Decimal(money)], bounds, shares)


def _number(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
