"""Reads about tenants and their people."""

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from kernel.actors import user_actor
from kernel.statements import PlannedQuery
from tenants.actors import NOBODY, Actor
from tenants.models import Domain, Membership, Tenant, User
from tenants.roles import Role

_TENANT = [field.attname for field in Tenant._meta.concrete_fields]
_USER = [field.attname for field in User._meta.concrete_fields]
# All are asked for by every request.
_BY_HOST = PlannedQuery(lambda host: Tenant.objects.filter(domains__domain=host, is_active=True).values_list(*_TENANT))
_ROLE = PlannedQuery(lambda user, tenant: Membership.objects.filter(user=user, tenant=tenant).values_list("role"), (int, int))
_BY_ID = PlannedQuery(lambda user: User.objects.filter(pk=user).values_list(*_USER), (int,))


def tenant_by_host(host: str) -> Tenant | None:
    """The active tenant whose domain is ``host`` (without port), or None. Runs in the public schema."""
    row = _BY_HOST.first(host.lower())
    return Tenant.from_db(connection.alias, _TENANT, row) if row else None


def user_by_id(user_id: int) -> User | None:
    """The person of this account; in a tenant's context a member, for row-level security shows no others."""
    row = _BY_ID.first(user_id)
    return User.from_db(connection.alias, _USER, row) if row else None


def actor_in_tenant(*, user: User, tenant: Tenant) -> Actor:
    """The person as an actor of the tenant; NOBODY without a membership, so that nothing is allowed."""
    found = _ROLE.first(user.pk, tenant.pk)
    return Actor(user_actor(user.pk), Role(found[0]), user.pk, user.name) if found else NOBODY


def members_of(tenant: Tenant) -> QuerySet[Membership]:
    """The tenant's members by name."""
    return Membership.objects.filter(tenant=tenant).select_related("user").order_by("user__name")


def tenant_origin(schema_name: str) -> str:
    """Where the tenant's pages are, for links in mail: ``https://acme.example.com``. Raises Domain.DoesNotExist."""
    domain = Domain.objects.filter(tenant__schema_name=schema_name).order_by("-is_primary", "pk").values_list("domain", flat=True)
    if not domain:
        raise Domain.DoesNotExist(f"The tenant {schema_name} has no domain.")
    # Behind a proxy that ends TLS, the address has no port of ours.
    return f"https://{domain[0]}" if settings.SESSION_COOKIE_SECURE else f"http://{domain[0]}:{settings.VOS_PORT}"
