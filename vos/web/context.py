"""What every page's frame needs: tenant, actor, where the sockets are."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenants.actors import NOBODY, actor_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the page's frame; no query until the template asks for the actor."""
    host = request.get_host().partition(":")[0]
    scheme = "wss" if request.is_secure() else "ws"
    return {
        "tenant": getattr(request, "tenant", None),
        "actor": actor_of(request) or NOBODY,
        "socket_origin": f"{scheme}://{host}:{settings.VOS_SOCKET_PORT}",
    }
