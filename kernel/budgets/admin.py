"""Budgets and usage in the operators' admin. Usage and reservations are records: nobody edits them."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from kernel.budgets.models import Budget, BudgetWindow, Reservation, UsageRecord
from kernel.budgets.windows import Window, window_start
from kernel.record_admin import RecordAdmin


class BudgetWindowInline(TabularInline):
    """The windows of a budget, newest first, as they were counted."""

    model = BudgetWindow
    fields = ["starts_at", "spent_tokens", "held_tokens", "spent_money", "held_money", "told"]
    readonly_fields = fields
    ordering = ["-starts_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(Budget)
class BudgetAdmin(ModelAdmin):
    """Where operators set what tenants and their agents may use."""

    list_display = ["schema_name", "scope", "window", "tokens", "money", "enabled"]
    list_filter = ["window", "enabled"]
    search_fields = ["schema_name", "scope"]
    inlines = [BudgetWindowInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        """With the newest windows; whether it is the current one is decided per row."""
        newest = BudgetWindow.objects.filter(budget=OuterRef("pk")).order_by("-starts_at").values("pk")[:1]
        windows = BudgetWindow.objects.filter(pk__in=Budget.objects.annotate(newest=Subquery(newest)).values("newest"))
        budgets: QuerySet[Budget] = super().get_queryset(request)
        return budgets.prefetch_related(Prefetch("windows", windows, to_attr="newest"))

    @admin.display(description="Tokens used and held, of the limit")
    def tokens(self, budget: Budget) -> str:
        """In its current window."""
        window = _current(budget)
        used = (window.spent_tokens + window.held_tokens) if window else 0
        return _of(f"{used:,}", budget.limit_tokens and f"{budget.limit_tokens:,}")

    @admin.display(description="US dollars used and held, of the limit")
    def money(self, budget: Budget) -> str:
        """In its current window."""
        window = _current(budget)
        used = (window.spent_money + window.held_money) if window else Decimal(0)
        return _of(f"{used:,.2f}", budget.limit_money is not None and f"{budget.limit_money:,.2f}")


def _current(budget: Budget) -> BudgetWindow | None:
    starts_at = window_start(Window(budget.window), timezone.now())
    newest: list[BudgetWindow] = budget.newest  # type: ignore[attr-defined]  # fetched with the list
    return next((window for window in newest if window.starts_at == starts_at), None)


def _of(used: str, limit: str | int | bool | None) -> str:
    return f"{used} of {limit}" if limit else f"{used}, no limit"


@admin.register(UsageRecord)
class UsageRecordAdmin(RecordAdmin):
    """What was called, by whom, and what it cost."""

    list_display = [
        "occurred_at", "schema_name", "deployment", "purpose", "prompt", "prompt_tokens", "completion_tokens", "money", "cached",
        "outcome",
    ]  # fmt: skip
    list_filter = ["outcome", "cached", "estimated", "group", "deployment"]
    search_fields = ["schema_name", "process", "purpose", "prompt"]
    date_hierarchy = "occurred_at"


@admin.register(Reservation)
class ReservationAdmin(RecordAdmin):
    """What is put aside right now, and what became of earlier reservations."""

    list_display = ["created_at", "schema_name", "state", "tokens", "money", "expires_at", "purpose"]
    list_filter = ["state"]
    search_fields = ["schema_name", "process"]
