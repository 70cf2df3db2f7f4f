"""The packs that this tenant may use."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.domain.packs import DriverSpec, Pack
from valuefabric.governance.selectors import pack_parsed, packs_enabled
from vos.web.templatetags.figures import figure


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def packs(request: HttpRequest) -> HttpResponse:
    """Every enabled pack with its drivers, KPIs and benchmarks."""
    shown = [_pack(pack_parsed(row.text)) for row in packs_enabled()]
    return render(request, "vos/packs.html", {"packs": shown, "nav_current": "packs"})


def _pack(pack: Pack) -> dict[str, Any]:
    return {
        "key": pack.key,
        "name": pack.title,
        "version": pack.version,
        "industry": pack.industry.title,
        "description": pack.description,
        "current": True,
        "drivers": [_driver(driver, pack) for driver in pack.drivers],
        "kpis": [{"label": kpi.label, "unit": kpi.unit} for kpi in pack.kpis.values()],
        "benchmarks": [
            {
                "label": pack.kpis[benchmark.kpi].label,
                "value": " · ".join(figure(value) for value in (benchmark.low, benchmark.median, benchmark.high))
                + f" {benchmark.unit}",
                "source": benchmark.citation,
            }
            for benchmark in pack.benchmarks
        ],
    }


def _driver(driver: DriverSpec, pack: Pack) -> dict[str, Any]:
    benefit = next((row for row in driver.rows if row.role == "benefit"), None)
    return {
        "label": driver.label,
        "impact": driver.impact,
        "kpi": pack.kpis[driver.kpi].label,
        "counted": driver.counted,
        "formula": benefit.formula if benefit else "",
    }
