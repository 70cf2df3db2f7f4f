"""Whose clock pages show."""

from datetime import UTC, datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from tenants.models import Tenant
from vos.web.time_zone import TimeZoneMiddleware


@pytest.mark.parametrize(
    ("path", "zone", "shown"),
    [
        ("/runs/", "Europe/Berlin", "13:00"),
        ("/runs/", "UTC", "12:00"),
        ("/api/v1/runs/", "Europe/Berlin", "12:00"),
        ("/", None, "12:00"),
    ],
    ids=["page", "utc", "api", "operators"],
)
def test_pages_show_the_tenants_time_and_the_api_utc(path: str, zone: str | None, shown: str) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(timezone.localtime(datetime(2026, 11, 21, 12, tzinfo=UTC)).strftime("%H:%M"))

    request = RequestFactory().get(path)
    if zone:
        request.tenant = Tenant(name="Acme", time_zone=zone)
    assert TimeZoneMiddleware(view)(request).content.decode() == shown
    assert timezone.get_current_timezone_name() == "UTC"
