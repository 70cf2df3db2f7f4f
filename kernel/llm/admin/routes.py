"""How groups are routed, and where tenants' texts may go, in the operators' admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from kernel.llm.models import ModelRoute, PromptVersion, Residency
from kernel.record_admin import RecordAdmin


@admin.register(ModelRoute)
class ModelRouteAdmin(ModelAdmin):
    """Strategy, fallback and cache of each group; docs/gateway.md explains them."""

    list_display = ["group", "strategy", "fallback", "cache_seconds", "single_flight", "updated_at"]


@admin.register(Residency)
class ResidencyAdmin(ModelAdmin):
    """What must not leave the house, per tenant."""

    list_display = ["schema_name", "in_house_from", "regions", "answers_cached"]
    search_fields = ["schema_name"]


@admin.register(PromptVersion)
class PromptVersionAdmin(RecordAdmin):
    """The prompts that ran, word by word. They are written in files and registered from there; nobody edits them here."""

    list_display = ["name", "version", "owner", "registered_at", "sha256"]
    list_filter = ["owner"]
    search_fields = ["name", "text"]
