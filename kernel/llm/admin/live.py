"""Operators' live page of the queues: slots, shares, waits, what stops them. It asks for itself anew every two seconds."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from kernel.llm.models import QueueOverview
from kernel.llm.queue_surveys import queue_surveys


@admin.register(QueueOverview)
class QueueOverviewAdmin(ModelAdmin):
    """Its list is its only page; nothing is changed here."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The page, or only its middle where the page asks for that."""
        context: dict[str, Any] = {"queues": queue_surveys()}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "llm/queues_now.html", context)
        context |= {**self.admin_site.each_context(request), "title": "Queues now", "opts": self.model._meta}
        return TemplateResponse(request, "llm/queues.html", context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """No page but the list."""
        return [path("", self.admin_site.admin_view(self.changelist_view), name="llm_queueoverview_changelist")]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
