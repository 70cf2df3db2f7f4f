"""Pages tell times as the clocks of the tenant's people do; the API keeps to UTC."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

_API = "/api/"


class TimeZoneMiddleware:
    """Stands after the tenant's middleware. A host without a tenant, the operators', shows UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant = getattr(request, "tenant", None)
        zone = None if tenant is None or request.path.startswith(_API) else getattr(tenant, "time_zone", None)
        if not zone:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)
