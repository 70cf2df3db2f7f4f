"""Deployments, prices and providers' limits in the operators' admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from kernel.llm.catalogue import has_key
from kernel.llm.health import health_of
from kernel.llm.models import ModelDeployment, ModelPrice, ProviderLimit
from kernel.llm.selectors import price_at


class PriceInline(TabularInline):
    """A deployment's own prices, the newest first; another is added, those that are there stay."""

    model = ModelPrice
    fields = ["valid_from", "prompt", "completion", "cached_prompt", "reasoning"]
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ModelDeployment)
class ModelDeploymentAdmin(ModelAdmin):
    """Which models VOS may call, where, how many at once, at what price."""

    list_display = ["name", "group", "rank", "model", "max_concurrency", "price_now", "in_house", "region", "is_usable", "health",
                    "enabled"]  # fmt: skip
    list_filter = ["group", "enabled", "in_house", "region"]
    search_fields = ["name", "model"]
    fieldsets = [
        (None, {"fields": ["name", "group", "rank", "quality", "enabled"]}),
        ("Where", {"fields": ["model", "api_base", "api_key_variable", "output_mode", "continues", "in_house", "region"]}),
        (
            "Limits",
            {"fields": ["max_concurrency", "requests_per_minute", "tokens_per_minute", "max_output_tokens", "timeout_seconds"]},
        ),
    ]
    inlines = [PriceInline]

    @display(description="key is set", boolean=True)  # type: ignore[untyped-decorator]  # unfold's are
    def is_usable(self, deployment: ModelDeployment) -> bool:
        """Whether this server's environment holds the key that the deployment names."""
        return has_key(deployment)

    @display(description="price in / out")  # type: ignore[untyped-decorator]  # unfold's are
    def price_now(self, deployment: ModelDeployment) -> str:
        """What is charged now, per million tokens."""
        price = price_at(deployment, timezone.now())
        return f"{price.prompt.normalize():f} / {price.completion.normalize():f}"

    @display(  # type: ignore[untyped-decorator]  # unfold's are
        description="health", label={"closed": "success", "open": "danger", "probing": "warning", "unknown": "info"}
    )
    def health(self, deployment: ModelDeployment) -> tuple[str, str]:
        """What all workers together know of it: whether calls go there, and how long they take."""
        state = health_of([deployment.pk])[deployment.pk]
        return state.name, state.text


@admin.register(ModelPrice)
class ModelPriceAdmin(ModelAdmin):
    """The price book. What was billed stays as it was: a new price is a new row with its own date."""

    list_display = ["__str__", "prompt", "completion", "cached_prompt", "reasoning", "valid_from"]
    list_filter = ["deployment"]
    search_fields = ["model", "deployment__name"]
    date_hierarchy = "valid_from"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_to_come(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Usage records name the row that was charged. A deployment that is not wanted any more is switched off.
        return _is_to_come(obj) and bool(super().has_delete_permission(request, obj))


def _is_to_come(price: ModelPrice | None) -> bool:
    return price is None or price.valid_from > timezone.now()


@admin.register(ProviderLimit)
class ProviderLimitAdmin(ModelAdmin):
    """What providers take a minute, over all their deployments."""

    list_display = ["provider", "requests_per_minute", "tokens_per_minute"]
