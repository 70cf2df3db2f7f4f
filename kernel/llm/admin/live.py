"""Operators' live page of the queues: slots, shares, waits, what stops them. It asks for itself anew every two seconds."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from kernel.llm.models import QueueOverview
from kernel.llm.queue_surveys import queue_surveys
from kernel.record_admin import OverviewPageAdmin


@admin.register(QueueOverview)
class QueueOverviewAdmin(OverviewPageAdmin):
    """Its list is its only page; nothing is changed here."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The page, or only its middle where the page asks for that."""
        context: dict[str, Any] = {"queues": queue_surveys()}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "llm/queues_now.html", context)
        context |= {**self.admin_site.each_context(request), "title": "Queues now", "opts": self.model._meta}
        return TemplateResponse(request, "llm/queues.html", context | (extra_context or {}))
