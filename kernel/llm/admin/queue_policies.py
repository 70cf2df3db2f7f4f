"""Who goes next, and what tenants weigh, in the operators' admin."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from kernel.llm.catalogue import forget
from kernel.llm.models import ModelGroupPolicy, ModelShare
from kernel.llm.queues import group_configure


def _in_force(group: str) -> None:
    forget()
    group_configure(group)


@admin.register(ModelGroupPolicy)
class ModelGroupPolicyAdmin(ModelAdmin):
    """Who goes next on a group's models; docs/kernel.md explains each policy and its bound."""

    list_display = ["group", "discipline", "slot_share", "queue_share", "longest_queue", "updated_at"]
    fieldsets = [
        (None, {"fields": ["group", "discipline"]}),
        ("Turns", {"fields": ["quantum_tokens", "aging_seconds", "horizon_seconds"]}),
        ("Bounds", {"fields": ["preemption", "slot_share", "queue_share", "longest_queue", "burst_seconds"]}),
    ]

    def save_model(self, request: HttpRequest, obj: ModelGroupPolicy, form: Any, change: bool) -> None:
        """Those who wait get the new policy as soon as it is committed."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: _in_force(obj.group))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A queue keeps the last policy it saw; without a row nobody could tell it that another one counts now.
        return False


@admin.register(ModelShare)
class ModelShareAdmin(ModelAdmin):
    """Weights of tenants, and of their agents and workflows, for fair queueing and round robin."""

    list_display = ["schema_name", "unit", "group", "weight"]
    list_filter = ["group"]
    search_fields = ["schema_name", "unit"]
