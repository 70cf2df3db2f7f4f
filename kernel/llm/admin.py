"""Language models in the operators' admin."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from kernel.llm.models import ModelDeployment, ModelGroupPolicy, ModelShare, ProviderLimit
from kernel.llm.queues import group_configure
from kernel.llm.selectors import has_key


@admin.register(ModelDeployment)
class ModelDeploymentAdmin(ModelAdmin):
    """Which models VOS may call, where, how many at once, at what price."""

    list_display = ["name", "group", "rank", "model", "max_concurrency", "price_in_per_million", "price_out_per_million",
                    "is_usable", "enabled"]  # fmt: skip
    list_filter = ["group", "enabled"]
    search_fields = ["name", "model"]
    fieldsets = [
        (None, {"fields": ["name", "group", "rank", "enabled"]}),
        ("Where", {"fields": ["model", "api_base", "api_key_variable", "output_mode"]}),
        (
            "Limits",
            {"fields": ["max_concurrency", "requests_per_minute", "tokens_per_minute", "max_output_tokens", "timeout_seconds"]},
        ),
        ("Prices", {"fields": ["price_in_per_million", "price_out_per_million"]}),
    ]

    @display(description="key is set", boolean=True)  # type: ignore[untyped-decorator]  # unfold's are
    def is_usable(self, deployment: ModelDeployment) -> bool:
        """Whether this server's environment holds the key that the deployment names."""
        return has_key(deployment)


@admin.register(ModelGroupPolicy)
class ModelGroupPolicyAdmin(ModelAdmin):
    """Who goes next on a group's models; docs/kernel.md explains each policy and its bound."""

    list_display = ["group", "discipline", "slot_share", "queue_share", "longest_queue", "updated_at"]
    fieldsets = [
        (None, {"fields": ["group", "discipline"]}),
        ("Turns", {"fields": ["quantum_tokens", "aging_seconds", "horizon_seconds"]}),
        ("Bounds", {"fields": ["slot_share", "queue_share", "longest_queue", "burst_seconds"]}),
    ]

    def save_model(self, request: HttpRequest, obj: ModelGroupPolicy, form: Any, change: bool) -> None:
        """Those who wait get the new policy as soon as it is committed."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: group_configure(obj.group))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A queue keeps the last policy it saw; without a row nobody could tell it that another one counts now.
        return False


@admin.register(ModelShare)
class ModelShareAdmin(ModelAdmin):
    """Weights of tenants, and of their agents and workflows, for fair queueing and round robin."""

    list_display = ["schema_name", "unit", "group", "weight"]
    list_filter = ["group"]
    search_fields = ["schema_name", "unit"]


@admin.register(ProviderLimit)
class ProviderLimitAdmin(ModelAdmin):
    """What providers take a minute, over all their deployments."""

    list_display = ["provider", "requests_per_minute", "tokens_per_minute"]
