"""From host to tenant, and from session to actor."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import set_urlconf
from django.utils.functional import SimpleLazyObject

from kernel.actors import operator_actor
from kernel.schemas import enter_public, enter_schema
from tenants.actors import NOBODY, Actor
from tenants.models import Tenant
from tenants.selectors import actor_in_tenant, tenant_by_host

type Respond = Callable[[HttpRequest], HttpResponse]


class TenantMiddleware:
    """Enter the tenant of the request's host: schema, Postgres role, URLs. An unknown host is 404.

    The public host (``VOS_PUBLIC_HOST``) is the operators' side. Health checks answer on every host, because a load balancer
    asks by address.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        enter_public()
        host = _host(request)
        request.tenant = None  # type: ignore[attr-defined]
        if host == settings.VOS_PUBLIC_HOST or request.path in settings.VOS_HOSTLESS_PATHS:
            return self._respond(request, settings.PUBLIC_SCHEMA_URLCONF)
        tenant = tenant_by_host(host)
        if tenant is None:
            raise Http404("Nothing is served under this host name.")
        request.tenant = tenant  # type: ignore[attr-defined]
        enter_schema(tenant)
        try:
            return self._respond(request, settings.ROOT_URLCONF)
        finally:
            enter_public()

    def _respond(self, request: HttpRequest, urlconf: str) -> HttpResponse:
        request.urlconf = urlconf
        set_urlconf(urlconf)
        return self.get_response(request)


class ActorMiddleware:
    """Set ``request.actor``: the session's person with their role in this tenant, read when first asked for."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    user = request.user
    if not user.is_authenticated:
        return NOBODY
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None:
        return Actor(operator_actor(user.pk), None, user.pk, user.name)
    return actor_in_tenant(user=user, tenant=tenant)


def _host(request: HttpRequest) -> str:
    try:
        return request.get_host().rpartition(":")[0].lower() if ":" in request.get_host() else request.get_host().lower()
    except DisallowedHost as error:
        raise Http404("Nothing is served under this host name.") from error
