"""Who sees which customer: one filter, which everything else of the fabric goes through."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from tenants.actors import Actor
from tenants.roles import Permission, Role
from valuefabric.models import VIEW_CUSTOMER, Customer, CustomerUserObjectPermission

_SEES_RESTRICTED = frozenset({Role.OWNER, Role.ADMIN})


def customers_visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers that the actor may see. Restricted ones: their owner, the tenant's owners and admins, the system, and
    people with the object permission ``view_customer``."""
    rows = Customer.objects.all()
    if not actor.allows(Permission.CUSTOMER_VIEW):
        return rows.none()
    if actor.role is None or actor.role in _SEES_RESTRICTED:
        return rows  # without a role only the system is allowed anything
    # By the permission's names and not by a content type: Django caches their ids per process, not per tenant's schema.
    granted = CustomerUserObjectPermission.objects.filter(
        content_object=OuterRef("pk"),
        user_id=actor.user_id or 0,
        permission__codename=VIEW_CUSTOMER,
    )
    return rows.filter(Q(restricted=False) | Q(owner_id=actor.user_id) | Exists(granted))


def customer_is_visible(actor: Actor, customer: Customer) -> bool:
    """Whether the actor may see this customer."""
    return customers_visible_to(actor).filter(pk=customer.pk).exists()
