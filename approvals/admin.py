"""Operators' view of approvals: which timers and deeds of which tenants are due or overdue. No tenant's data: requests, votes and
policies lie in tenants' schemas, where operators have no permission; ``manage.py approvals verify`` checks them all the same.
"""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from approvals.models import DueApproval
from approvals.services.attending import ATTENTION
from approvals.services.endings import APPLY, EXPIRY, REVERT
from kernel.record_admin import OverviewAdmin

_WORDS = {EXPIRY: "expiry", ATTENTION: "reminder or escalation", APPLY: "approved deed", REVERT: "deed to be undone"}
# The sweeper looks every five seconds: what is later than this is not being done.
LATE = timedelta(minutes=1)


class LateFilter(admin.SimpleListFilter):
    """What should have been done a minute ago: no worker takes it, or the sweeper does not run."""

    title = "late"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "by more than a minute")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DueApproval]) -> QuerySet[DueApproval]:
        return queryset.filter(due_at__lt=Now() - LATE) if self.value() == "yes" else queryset


@admin.register(DueApproval)
class DueApprovalAdmin(OverviewAdmin):
    list_display = ("schema_name", "what", "reference", "due_at", "overdue")
    list_filter = (LateFilter, "schema_name")
    search_fields = ("schema_name", "reference")
    ordering = ("due_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DueApproval]:
        """Only what is due for approvals."""
        rows: QuerySet[DueApproval] = super().get_queryset(request)
        return rows.filter(kind__in=_WORDS)

    @admin.display(boolean=True)
    def overdue(self, due: DueApproval) -> bool:
        """Whether the sweeper should have woken somebody already."""
        return due.due_at < timezone.now()

    @admin.display(ordering="kind")
    def what(self, due: DueApproval) -> str:
        """What is due."""
        return _WORDS[due.kind]
