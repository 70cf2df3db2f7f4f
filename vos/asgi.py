"""WebSockets, served by uvicorn. Plain HTTP is granian's (``vos.wsgi``); here it answers 404, except for health checks."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vos.settings")
# Sockets share threads, so connections come from a pool and go back to it.
os.environ.setdefault("VOS_DATABASE_POOL", "1")

from django.core.asgi import get_asgi_application

from vos.telemetry.tracing import set_up_tracing

set_up_tracing("sockets")
_http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  -- needs the app registry

from tenants.interfaces.sockets import TenantSocketMiddleware  # noqa: E402
from vos.web.sockets.origin import SameHostOrigin  # noqa: E402
from vos.web.sockets.session import SessionActorMiddleware  # noqa: E402
from vos.web.sockets.urls import socket_urls  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": SameHostOrigin(TenantSocketMiddleware(SessionActorMiddleware(URLRouter(socket_urls)))),
    }
)
