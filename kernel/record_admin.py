"""What operators' admin pages of records have in common: rows that services write, and nobody edits by hand."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin


class RecordAdmin(ModelAdmin):
    """Shows rows that only services write."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OverviewAdmin(RecordAdmin):
    """Shows what lies in all tenants. Its model is a proxy whose permission lies there too, where operators have none: whoever is
    an operator may look."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class OverviewPageAdmin(OverviewAdmin):
    """An overview that is one page, drawn by ``changelist_view``: the admin's other pages would look for a table of its own."""

    def get_urls(self) -> list[URLPattern]:
        """No page but the list."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]
