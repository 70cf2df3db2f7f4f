"""Addresses of a tenant's pages as people outside need them, for what leaves by mail."""

from django.conf import settings

from kernel.schemas import current_schema
from tenants.models import Domain


class NoDomain(LookupError):
    """The tenant has no domain, so nothing outside can lead to it; give it one."""


def tenant_url(path: str) -> str:
    """The absolute address of a path of the current tenant. Raises NoDomain."""
    domains = Domain.objects.filter(tenant__schema_name=current_schema()).order_by("-is_primary", "pk")
    host = domains.values_list("domain", flat=True).first()
    if host is None:
        raise NoDomain(f"{current_schema()} has no domain. Give it one, so that a link can lead to it.")
    return f"https://{host}{path}" if settings.SESSION_COOKIE_SECURE else f"http://{host}:{settings.VOS_PORT}{path}"
