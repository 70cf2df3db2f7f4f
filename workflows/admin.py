"""Operators' view of workflows: which steps of which tenants are due or overdue. No tenant's data, only that there is work."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from kernel.record_admin import OverviewAdmin
from workflows.models import DueStep
from workflows.services.due import STEP_WORK


@admin.register(DueStep)
class DueStepAdmin(OverviewAdmin):
    list_display = ("schema_name", "reference", "due_at", "overdue")
    list_filter = ("schema_name",)
    search_fields = ("schema_name", "reference")
    ordering = ("due_at",)

    @admin.display(boolean=True)
    def overdue(self, due: DueStep) -> bool:
        """Whether the sweeper should have woken somebody already."""
        return due.due_at < timezone.now()

    def get_queryset(self, request: HttpRequest) -> QuerySet[DueStep]:
        rows: QuerySet[DueStep] = super().get_queryset(request)
        return rows.filter(kind=STEP_WORK)
