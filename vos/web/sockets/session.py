"""The person of a socket: from the session cookie, in the tenant of the socket's host."""

from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.http import HttpRequest
from django_tenants.utils import tenant_context

from tenants.actors import NOBODY, Actor
from tenants.models import Tenant, User
from tenants.selectors import actor_in_tenant


class SessionActorMiddleware:
    """Put ``scope["actor"]``. Sessions lie in the tenant's schema: another tenant's cookie is nobody here."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        key = cookies[settings.SESSION_COOKIE_NAME].value if settings.SESSION_COOKIE_NAME in cookies else ""
        actor = await _actor(scope["tenant"], key) if key else NOBODY
        await self.inner({**scope, "actor": actor}, receive, send)


@sync_to_async
def _actor(tenant: Tenant, session_key: str) -> Actor:
    with tenant_context(tenant):
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        if SESSION_KEY not in request.session:
            return NOBODY
        user = get_user(request)
        return actor_in_tenant(user=user, tenant=tenant) if isinstance(user, User) else NOBODY
