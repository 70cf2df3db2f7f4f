"""Operators' view of workflows: which steps and set times of which tenants are due or overdue. No tenant's data, only that there
is work. Runs themselves lie in tenants' schemas; ``manage.py workflow`` shows and mends them for operators."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from kernel.record_admin import OverviewAdmin
from workflows.models import DueStep
from workflows.services.due import STEP_WORK
from workflows.triggers.services.times import TRIGGER_WORK

_WORDS = {STEP_WORK: "a step", TRIGGER_WORK: "a trigger's time"}
# The sweeper looks every five seconds: what is later than this is not being done.
LATE = timedelta(minutes=1)


class LateFilter(admin.SimpleListFilter):
    """What should have been done a minute ago: no worker takes it, or the sweeper does not run."""

    title = "late"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "by more than a minute")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DueStep]) -> QuerySet[DueStep]:
        return queryset.filter(due_at__lt=timezone.now() - LATE) if self.value() == "yes" else queryset


@admin.register(DueStep)
class DueStepAdmin(OverviewAdmin):
    list_display = ("schema_name", "what", "reference", "due_at", "overdue")
    list_filter = (LateFilter, "schema_name")
    search_fields = ("schema_name", "reference")
    ordering = ("due_at",)

    @admin.display(boolean=True)
    def overdue(self, due: DueStep) -> bool:
        """Whether the sweeper should have woken somebody already."""
        return due.due_at < timezone.now()

    @admin.display(ordering="kind")
    def what(self, due: DueStep) -> str:
        """What is due."""
        return _WORDS[due.kind]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DueStep]:
        rows: QuerySet[DueStep] = super().get_queryset(request)
        return rows.filter(kind__in=list(_WORDS))
