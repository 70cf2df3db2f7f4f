"""``/healthz``: this process answers. ``/readyz``: so does everything it needs."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from vos.operations.health import probe_all


@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """Always 200 while the process answers; a failing one is to be restarted."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 if database, broker and worker answer, else 503 with what does not; take the process out of the balance."""
    probes = probe_all()
    ready = all(probe["ready"] for probe in probes.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "probes": probes}, status=200 if ready else 503)
