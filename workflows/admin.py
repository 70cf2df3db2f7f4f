"""Operators' view of workflows: which steps of which tenants are due or overdue. No tenant's data, only that there is work."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from workflows.models import DueStep
from workflows.services.due import STEP_WORK


@admin.register(DueStep)
class DueStepAdmin(ModelAdmin):
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

    # The proxy's own permission lies in tenants' schemas, where operators have none: who is an operator may look.
    def has_view_permission(self, request: HttpRequest, obj: DueStep | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DueStep | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DueStep | None = None) -> bool:
        return False
