"""Operators' page of processes: which of all tenants' live, who works on them, what they use; signals to each. No contents."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django_tenants.utils import schema_context

from kernel.actors import operator_actor
from kernel.processes.everywhere import NoSuchProcess, process_find, process_schemas, processes_everywhere
from kernel.processes.models import ProcessOverview
from kernel.processes.services import TransitionRefused, process_kill, process_nice, process_signal
from kernel.processes.transitions import TERMINAL, State
from kernel.record_admin import OverviewPageAdmin
from kernel.scheduler.policies import Priority

SIGNALS = ("pause", "resume", "stop", "kill")


@admin.register(ProcessOverview)
class ProcessOverviewAdmin(OverviewPageAdmin):
    """The list is its only page: processes lie in tenants' schemas, where the admin's own queries do not go."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, and what its buttons send."""
        if request.method == "POST":
            self._obey(request)
            return HttpResponseRedirect(request.get_full_path())
        schemas, schema = process_schemas(), request.GET.get("schema", "")
        placed = processes_everywhere(schema=schema if schema in schemas else "", ended="ended" in request.GET)
        context = {
            **self.admin_site.each_context(request),
            "title": "Processes",
            "opts": self.model._meta,
            "rows": placed,
            "schemas": schemas,
            "schema": schema,
            "ended": "ended" in request.GET,
            "counts": _counts([one.process.state for one in placed]),
            "classes": [priority.name.lower() for priority in Priority],
        }
        return TemplateResponse(request, "processes/overview.html", context | (extra_context or {}))

    def _obey(self, request: HttpRequest) -> None:
        verb, actor = request.POST.get("verb", ""), operator_actor(request.user.pk or 0)
        try:
            placed = process_find(request.POST.get("pid", ""), schema=request.POST.get("schema", ""))
            with schema_context(placed.schema):
                _signalled(placed.process, verb, actor)
        except (NoSuchProcess, TransitionRefused, ValueError) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{verb}: {placed.process.pid} is {placed.process.state}.")


def _signalled(process: Any, verb: str, actor: str) -> None:
    if verb in Priority.__members__ or verb.upper() in Priority.__members__:
        process_nice(process=process, priority=Priority[verb.upper()], actor=actor)
    elif verb == "kill":
        process_kill(process=process, actor=actor)
    elif verb in SIGNALS:
        process_signal(process=process, signal=verb, actor=actor)
    else:
        raise ValueError(f"There is no signal {verb[:20]!r}.")


def _counts(states: list[str]) -> list[tuple[str, int]]:
    order = [state.value for state in State if state not in TERMINAL] + sorted(state.value for state in TERMINAL)
    return [(state, states.count(state)) for state in order if state in states]
