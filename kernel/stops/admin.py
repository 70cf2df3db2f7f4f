"""Operators' page of emergency stops: those in force, setting one for a tenant or the whole platform, and releasing by two."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from kernel.actors import operator_actor
from kernel.record_admin import OverviewPageAdmin
from kernel.stops.models import Kind, Stop
from kernel.stops.selectors import stop_get, stops_visible
from kernel.stops.services import ReleaseRefused, stop_release, stop_release_withdraw, stop_set

SHOWN = 100


def _in_force(stop: Stop, account: int, now: datetime) -> dict[str, Any]:
    """A stop, whether somebody's word for its release stands, and whether it is that of who looks."""
    standing = [said for said in stop.releases.all() if said.stands(now)]
    return {"stop": stop, "is_asked": bool(standing), "is_mine": any(said.person == account for said in standing)}


@admin.register(Stop)
class StopAdmin(OverviewPageAdmin):
    """One page: nothing here is edited, and nothing is released by one person."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The stops, and what the page's forms send."""
        if request.method == "POST":
            self._obey(request)
            return HttpResponseRedirect(request.path)
        rows, now = stops_visible(), timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "title": "Emergency stops",
            "opts": self.model._meta,
            "in_force": [_in_force(stop, request.user.pk or 0, now) for stop in rows.filter(released_at=None)],
            "released": list(rows.exclude(released_at=None)[:SHOWN]),
            "kinds": Kind.choices,
            "now": now,
        }
        return TemplateResponse(request, "stops/overview.html", context | (extra_context or {}))

    def _obey(self, request: HttpRequest) -> None:
        actor, given = operator_actor(request.user.pk or 0), request.POST
        try:
            if given.get("verb") == "release":
                stop = stop_release(stop=stop_get(given.get("stop", "")), reason=given.get("reason", ""), actor=actor)
                said = f"Released: {stop.scope}." if stop.released_at else "Asked. Another person must release it."
            elif given.get("verb") == "withdraw":
                stop = stop_release_withdraw(stop=stop_get(given.get("stop", "")), actor=actor)
                said = f"Taken back. It stays stopped: {stop.scope}."
            else:
                stop = stop_set(
                    kind=given.get("kind", ""),
                    key=given.get("key", "").strip(),
                    schema_name=given.get("schema", "").strip(),
                    reason=given.get("reason", ""),
                    actor=actor,
                )
                said = f"Stopped: {stop.scope}."
        except (PermissionDenied, ReleaseRefused, ValueError, Stop.DoesNotExist) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, said)
