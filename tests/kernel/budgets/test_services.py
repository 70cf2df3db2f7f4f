from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone
from django_tenants.utils import schema_context

from kernel.budgets.models import Budget, BudgetWindow, Reservation, ReservationState, UsageRecord
from kernel.budgets.selectors import budgets_now, usage_of_process
from kernel.budgets.services import (
    BudgetExceeded,
    ReservationClosed,
    Used,
    budget_reserve,
    reservation_release,
    reservation_settle,
    reservations_expire,
)
from tenants.models import Tenant

ONE_CENT = Decimal("0.01")


def budget(schema: str = "acme", scope: str = "tenant", window: str = "day", **limits: object) -> Budget:
    with schema_context("public"):
        return Budget.objects.create(schema_name=schema, scope=scope, window=window, **limits)


@pytest.fixture
def limited(acme: Tenant) -> Budget:
    return budget(limit_tokens=1000, limit_money=Decimal(1))


@pytest.fixture(autouse=True)
def as_acme(limited: Budget, in_acme: Tenant) -> Tenant:
    return in_acme


def state() -> tuple[int, Decimal, int, Decimal]:
    now = budgets_now()[0]
    return now.spent_tokens, now.spent_money, now.held_tokens, now.held_money


def test_reserve_holds_and_settle_replaces_it_by_the_truth() -> None:
    reservation = budget_reserve(tokens=600, money=ONE_CENT, process="p1", purpose="test")
    assert state() == (0, 0, 600, ONE_CENT)
    record = reservation_settle(reservation=reservation.pk, used=Used(100, 150, money=Decimal("0.004")), deployment="fake")
    assert state() == (250, Decimal("0.004"), 0, 0)
    assert (record.prompt_tokens, record.completion_tokens, record.tokens_over_reservation) == (100, 150, 0)
    assert usage_of_process("p1").tokens == 250


def test_promise_9_reserve_refuses_one_token_too_many_and_holds_nothing() -> None:
    budget_reserve(tokens=400, money=ONE_CENT)
    with pytest.raises(BudgetExceeded, match="600 tokens left and the call asks for 601"):
        budget_reserve(tokens=601, money=ONE_CENT)
    assert state() == (0, 0, 400, ONE_CENT)
    assert Reservation.objects.count() == 1
    assert budget_reserve(tokens=600, money=ONE_CENT).tokens == 600


def test_reserve_refuses_money_too() -> None:
    with pytest.raises(BudgetExceeded, match="US dollars left"):
        budget_reserve(tokens=1, money=Decimal("1.00000001"))
    assert budget_reserve(tokens=1, money=Decimal(1)).money == 1


def test_every_named_scope_bounds_the_call() -> None:
    budget(scope="agent:target", window="hour", limit_tokens=50)
    with pytest.raises(BudgetExceeded) as refused:
        budget_reserve(tokens=51, money=ONE_CENT, scopes=["agent:target"])
    assert (refused.value.scope, refused.value.window, refused.value.left) == ("agent:target", "hour", 50)
    assert state() == (0, 0, 0, 0)
    assert budget_reserve(tokens=51, money=ONE_CENT, scopes=["agent:other"]).scopes == ["tenant", "agent:other"]


def test_without_a_budget_usage_is_recorded_all_the_same(limited: Budget) -> None:
    with schema_context("public"):
        Budget.objects.filter(pk=limited.pk).update(enabled=False)
    reservation = budget_reserve(tokens=10**9, money=Decimal(10**6))
    reservation_settle(reservation=reservation.pk, used=Used(5, 5), deployment="fake")
    assert UsageRecord.objects.get().prompt_tokens == 5


def test_what_a_provider_delivers_beyond_the_reservation_is_recorded() -> None:
    reservation = budget_reserve(tokens=1000, money=ONE_CENT)
    record = reservation_settle(reservation=reservation.pk, used=Used(900, 130), deployment="fake")
    assert record.tokens_over_reservation == 30
    with pytest.raises(BudgetExceeded):
        budget_reserve(tokens=1, money=Decimal(0))


def test_settling_twice_is_refused_and_changes_nothing() -> None:
    reservation = budget_reserve(tokens=10, money=ONE_CENT)
    reservation_settle(reservation=reservation.pk, used=Used(4, 4), deployment="fake")
    with pytest.raises(ReservationClosed):
        reservation_settle(reservation=reservation.pk, used=Used(4, 4), deployment="fake")
    assert state() == (8, 0, 0, 0)
    assert UsageRecord.objects.count() == 1


def test_release_gives_back_once() -> None:
    reservation = budget_reserve(tokens=10, money=ONE_CENT)
    reservation_release(reservation=reservation.pk)
    reservation_release(reservation=reservation.pk)
    assert state() == (0, 0, 0, 0)
    with pytest.raises(ReservationClosed):
        reservation_settle(reservation=reservation.pk, used=Used(1, 1), deployment="fake")


def test_what_a_dead_worker_held_is_free_for_the_next_caller() -> None:
    dead = budget_reserve(tokens=1000, money=ONE_CENT, lifetime=timedelta(seconds=-1))
    assert budget_reserve(tokens=1000, money=ONE_CENT).state == ReservationState.HELD
    dead.refresh_from_db()
    assert (dead.state, state()) == (ReservationState.EXPIRED, (0, 0, 1000, ONE_CENT))


def test_a_dead_reservation_in_two_budgets_is_given_back_in_both() -> None:
    budget(scope="agent:target", limit_tokens=1000)
    budget_reserve(tokens=1000, money=ONE_CENT, scopes=["agent:target"], lifetime=timedelta(seconds=-1))
    budget_reserve(tokens=1, money=ONE_CENT)
    assert [(s.budget.scope, s.held_tokens) for s in budgets_now()] == [("agent:target", 0), ("tenant", 1)]


def test_a_call_settled_after_it_expired_still_counts() -> None:
    late = budget_reserve(tokens=10, money=ONE_CENT, lifetime=timedelta(seconds=-1))
    assert reservations_expire() == 1
    reservation_settle(reservation=late.pk, used=Used(3, 4), deployment="fake")
    assert state() == (7, 0, 0, 0)


def test_expire_leaves_the_living_alone() -> None:
    budget_reserve(tokens=10, money=ONE_CENT)
    assert reservations_expire() == 0
    assert state()[2] == 10


def test_a_new_window_begins_at_nothing(limited: Budget) -> None:
    reservation = budget_reserve(tokens=1000, money=ONE_CENT)
    BudgetWindow.objects.update(starts_at=timezone.now() - timedelta(days=1, hours=1))
    assert budget_reserve(tokens=1000, money=ONE_CENT).windows != reservation.windows


def test_reserving_takes_the_same_number_of_queries_with_one_budget_and_with_three(django_assert_max_num_queries) -> None:
    budget_reserve(tokens=1, money=ONE_CENT, scopes=["a", "b"])
    with django_assert_max_num_queries(8):
        budget_reserve(tokens=1, money=ONE_CENT)
    budget(scope="a", limit_tokens=9)
    budget(scope="b", limit_tokens=9)
    budget_reserve(tokens=1, money=ONE_CENT, scopes=["a", "b"])
    with django_assert_max_num_queries(10):
        budget_reserve(tokens=1, money=ONE_CENT, scopes=["a", "b"])


def test_promise_6_a_tenant_sees_no_other_tenants_budgets_and_usage(limited: Budget, globex: Tenant) -> None:
    reservation = budget_reserve(tokens=10, money=ONE_CENT)
    reservation_settle(reservation=reservation.pk, used=Used(4, 4), deployment="fake")
    with schema_context("globex"), connection.cursor() as cursor:
        for table in ("budget", "budgetwindow", "reservation", "usagerecord"):
            cursor.execute(f"SELECT count(*) FROM public.budgets_{table}")
            assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE public.budgets_budget SET limit_tokens = 999999999",
        "DELETE FROM public.budgets_usagerecord",
        "UPDATE public.budgets_usagerecord SET money = 0",
        "DELETE FROM public.budgets_budgetwindow",
    ],
)
def test_promise_9_a_tenants_role_cannot_loosen_its_own_budget_with_raw_sql(attack: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_a_row_planted_by_another_tenant_does_not_take_a_budget_out_of_force(limited: Budget) -> None:
    with schema_context("globex"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.budgets_budgetwindow (schema_name, budget_id, starts_at, spent_tokens, spent_money, held_tokens,"
            " held_money, told) VALUES ('globex', %s, date_trunc('day', now(), 'UTC'), 0, 0, 0, 0, '{}')",
            [limited.pk],
        )
    with pytest.raises(BudgetExceeded):
        budget_reserve(tokens=1001, money=ONE_CENT)


def test_held_amounts_can_never_become_negative() -> None:
    budget_reserve(tokens=10, money=ONE_CENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetWindow.objects.update(held_tokens=-1)
