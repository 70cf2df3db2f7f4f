"""What every page's frame needs: the tenant, the person, where one can go."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.interfaces.counts import waiting_count
from kernel.llm.selectors import provider_available
from kernel.stops.checks import stops_here
from kernel.stops.matching import InForce
from kernel.stops.watch import StopsUnknown
from tenants.actors import Actor, actor_of
from tenants.models import Tenant
from tenants.roles import Permission

# key, label, icon, URL name, permission
_PLACES = (
    ("customers", "Customers", "building-2", "web:customers", Permission.CUSTOMER_VIEW),
    ("approvals", "Approvals", "circle-check", "approvals:inbox", Permission.APPROVAL_VIEW),
    ("oversight", "Oversight", "eye", "web:oversight", Permission.RUN_VIEW),
    ("packs", "Packs", "package", "web:packs", Permission.CUSTOMER_VIEW),
    ("agents", "Agents", "bot", "web:agents", Permission.RUN_VIEW),
    ("runs", "Runs", "activity", "web:runs", Permission.RUN_VIEW),
    ("insights", "Insights", "chart-line", "web:insights", Permission.CUSTOMER_VIEW),
    ("settings", "Settings", "settings", "web:settings", Permission.CUSTOMER_VIEW),
)
# A page may say for a minute that no model is configured; the agents that ask for one know within the second.
_PATIENCE = 60
_ON_PHONE = ("customers", "approvals", "runs", "insights")


class Shell:
    """The frame's values, read when the template asks: a page without the frame costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def tenant(self) -> dict[str, str]:
        """The tenant's name and front page."""
        return {"name": self._tenant.name if self._tenant else "VOS", "url": "/"}

    @cached_property
    def person(self) -> dict[str, str] | None:
        """Who is logged in, and as what."""
        actor = self._actor
        return {"name": actor.name, "role": str(actor.role or "").replace("_", " ")} if actor.user_id else None

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        """The places of the rail that this person may go to."""
        return [
            {"key": key, "label": _(label), "icon": icon, "url": reverse(name), "count": self._count(key)}
            for key, label, icon, name, permission in _PLACES
            if self._actor.allows(permission)
        ]

    @property
    def nav_phone(self) -> list[dict[str, Any]]:
        """Those of them that stand in the bar of a phone."""
        return [entry for entry in self.nav if entry["key"] in _ON_PHONE]

    @cached_property
    def notes(self) -> list[str]:
        """What must be known on every page."""
        notes = []
        if self._tenant is not None and self._tenant.is_demo:
            notes.append(_("Demo: this data is made up."))
        if self._actor.user_id and not provider_available(patience=_PATIENCE):
            notes.append(_("No model is configured: agents use their deterministic method."))
        return notes

    @cached_property
    def stopped(self) -> InForce | None:
        """The stop under which everything stands still here, of this workspace or the whole platform. From memory: no query."""
        if self._actor.user_id is None:
            return None
        try:
            return next((stop for stop in stops_here() if stop.is_of_all_work), None)
        except StopsUnknown:
            return None  # whoever works asks for itself, and waits; a page is only to be read

    palette_url = property(lambda self: reverse("web:palette"))
    logout_url = property(lambda self: reverse("account_logout"))
    login_url = property(lambda self: reverse("account_login"))

    @property
    def _tenant(self) -> Tenant | None:
        return getattr(self._request, "tenant", None)

    @property
    def _actor(self) -> Actor:
        return actor_of(self._request)

    def _count(self, key: str) -> int:
        return waiting_count(self._request) if key == "approvals" else 0


def socket_origin(request: HttpRequest) -> str:
    """Where this host's sockets are: the same host, another port."""
    host = request.get_host().partition(":")[0]
    return f"{'wss' if request.is_secure() else 'ws'}://{host}:{settings.VOS_SOCKET_PORT}"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame."""
    return {"shell": Shell(request)}
