"""The tenant of a WebSocket: sockets do not pass Django's middleware, so host and role are resolved here."""

from typing import Any

from asgiref.sync import sync_to_async

from kernel.schemas import enter_public
from tenants.models import Tenant
from tenants.selectors import tenant_by_host


class TenantSocketMiddleware:
    """Put ``scope["tenant"]``; a socket to an unknown host is closed before it opens (the client sees 403).

    Each database call of a consumer must enter the tenant by itself (``tenant_context``), because calls of several sockets
    share threads.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        tenant = await _tenant_of(scope)
        if tenant is None:
            await send({"type": "websocket.close", "code": 4404})
            return
        await self.inner({**scope, "tenant": tenant}, receive, send)


@sync_to_async
def _tenant_of(scope: dict[str, Any]) -> Tenant | None:
    enter_public()
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").partition(":")[0]
    return tenant_by_host(host)
