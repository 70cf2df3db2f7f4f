"""The operators' list of budgets: what is used and held now, beside the limit."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.test import RequestFactory
from django_tenants.utils import schema_context

from kernel.budgets.models import Budget
from kernel.budgets.services import Used, budget_reserve, reservation_settle
from tenants.models import Tenant


def _rows() -> dict[str, tuple[str, str]]:
    page = site._registry[Budget]
    with schema_context("public"):
        rows = page.get_queryset(RequestFactory().get("/"))
        return {str(row.scope): (page.tokens(row), page.money(row)) for row in rows}  # type: ignore[attr-defined]


def _budget(**values: Any) -> None:
    with schema_context("public"):
        Budget.objects.create(schema_name="acme", **values)


@pytest.mark.parametrize("others", [0, 2])
def test_the_list_tells_what_is_used_and_held_with_as_many_queries_for_one_as_for_three(
    in_acme: Tenant, others: int, django_assert_num_queries: Any
) -> None:
    _budget(scope="tenant", window="month", limit_tokens=1_000_000)
    for number in range(others):
        _budget(scope=f"agent:{number}", window="day", limit_money=Decimal(5))
    settled = budget_reserve(tokens=9000, money=Decimal("1.5"))
    reservation_settle(reservation=settled.pk, used=Used(1000, 234, money=Decimal("1.25")), deployment="fake")
    budget_reserve(tokens=4000, money=Decimal("0.5"))
    with django_assert_num_queries(3, exact=False):
        rows = _rows()
    assert rows["tenant"] == ("5,234 of 1,000,000", "1.75, no limit")
    assert len(rows) == 1 + others


def test_a_window_that_is_over_counts_for_nothing(in_acme: Tenant) -> None:
    _budget(scope="tenant", window="hour", limit_tokens=100, limit_money=Decimal("2.5"))
    budget_reserve(tokens=40, money=Decimal(1))
    Budget.objects.get().windows.update(starts_at="2020-01-01T00:00:00Z")
    assert _rows() == {"tenant": ("0 of 100", "0.00 of 2.50")}
