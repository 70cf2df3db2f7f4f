"""Reads about tenants and their people."""

from django.db.models import QuerySet

from kernel.actors import user_actor
from tenants.actors import NOBODY, Actor
from tenants.models import Domain, Membership, Tenant, User
from tenants.roles import Role


def tenant_by_host(host: str) -> Tenant | None:
    """The active tenant whose domain is ``host`` (without port), or None. Runs in the public schema."""
    domain = Domain.objects.select_related("tenant").filter(domain=host.lower(), tenant__is_active=True).first()
    return domain.tenant if domain else None


def actor_in_tenant(*, user: User, tenant: Tenant) -> Actor:
    """The person as an actor of the tenant; NOBODY without a membership, so that nothing is allowed."""
    membership = Membership.objects.filter(user=user, tenant=tenant).first()
    if membership is None:
        return NOBODY
    return Actor(user_actor(user.pk), Role(membership.role), user.pk, user.name)


def members_of(tenant: Tenant) -> QuerySet[Membership]:
    """The tenant's members by name."""
    return Membership.objects.filter(tenant=tenant).select_related("user").order_by("user__name")
