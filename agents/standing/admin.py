"""Operators' rows of standing agents."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from agents.standing.models import StandingAgent
from agents.standing.services import standing_delete, standing_save


@admin.register(StandingAgent)
class StandingAgentAdmin(ModelAdmin):
    """Saving one that starts with the tenant starts it anew where it has ended."""

    list_display = ("agent", "schema_name", "starts", "crontab", "restart", "priority", "enabled")
    list_filter = ("starts", "enabled")
    search_fields = ("agent", "schema_name")

    def save_model(self, request: HttpRequest, obj: StandingAgent, form: Any, change: bool) -> None:
        standing_save(standing=obj)

    def delete_model(self, request: HttpRequest, obj: StandingAgent) -> None:
        standing_delete(standing=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[StandingAgent]) -> None:
        for standing in queryset:
            standing_delete(standing=standing)
