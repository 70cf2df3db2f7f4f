"""Operators' view of the registry: read, and switch versions on and off."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from agents.registry.models import AgentVersion


@admin.register(AgentVersion)
class AgentVersionAdmin(ModelAdmin):
    list_display = ("name", "version", "title", "is_enabled", "registered_at")
    list_filter = ("name", "is_enabled")
    search_fields = ("name", "title", "purpose")
    readonly_fields = ("name", "version", "title", "purpose", "manifest", "manifest_hash", "registered_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AgentVersion | None = None) -> bool:
        return False
