"""The agents: what each may do, spend and read, and which method it runs now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.manifest import Manifest, manifest_load
from agents.registry.models import AgentVersion
from agents.registry.selectors import agents_list
from kernel.llm.selectors import provider_available
from kernel.processes.selectors import processes_newest
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.templatetags.figures import figure


@require_GET
@requires(Permission.RUN_VIEW)
def agents(request: HttpRequest) -> HttpResponse:
    """Every registered agent."""
    provider = provider_available()
    runs = {row["agent"]: row for row in processes_newest().order_by().values("agent").annotate(Count("pid"), Max("created_at"))}
    shown = [_agent(row, manifest_load(row.manifest), runs, provider) for row in agents_list()]
    return render(request, "vos/agents.html", {"agents": shown, "provider": provider, "nav_current": "agents"})


def _agent(row: AgentVersion, manifest: Manifest, runs: Mapping[str, Mapping[str, Any]], provider: bool) -> dict[str, Any]:
    ran = runs.get(manifest.identifier, {})
    last: datetime | None = ran.get("created_at__max")
    return {
        "name": row.title,
        "version": row.version,
        "purpose": row.purpose,
        "state": "enabled" if row.is_enabled else "disabled",
        "method": _("with a model") if manifest.model and provider else _("deterministic"),
        "capabilities": [spec.action for spec in manifest.capabilities],
        "tools": list(manifest.tools),
        "guardrails": list(manifest.guardrails),
        "budget": _("%(tokens)s tokens, %(money)s USD a run")
        % {"tokens": figure(manifest.budget.tokens), "money": manifest.budget.money_usd},
        "runs": ran.get("pid__count", 0),
        "last_run_at": last,
    }
