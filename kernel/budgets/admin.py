"""Budgets and usage in the operators' admin. Usage and reservations are records: nobody edits them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from kernel.budgets.models import Budget, BudgetWindow, Reservation, UsageRecord
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

    list_display = ["schema_name", "scope", "window", "limit_tokens", "limit_money", "soft_tokens", "soft_money", "enabled"]
    list_filter = ["window", "enabled"]
    search_fields = ["schema_name", "scope"]
    inlines = [BudgetWindowInline]


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
