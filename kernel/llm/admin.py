"""Language models in the operators' admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.decorators import display

from kernel.llm.models import ModelDeployment
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
        ("Limits", {"fields": ["max_concurrency", "max_output_tokens", "timeout_seconds"]}),
        ("Prices", {"fields": ["price_in_per_million", "price_out_per_million"]}),
    ]

    @display(description="key is set", boolean=True)  # type: ignore[untyped-decorator]  # unfold's are
    def is_usable(self, deployment: ModelDeployment) -> bool:
        """Whether this server's environment holds the key that the deployment names."""
        return has_key(deployment)
