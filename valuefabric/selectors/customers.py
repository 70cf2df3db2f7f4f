"""Who sees which customer: one filter, which everything else of the fabric goes through."""

from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from kernel.statements import PlannedQuery
from tenants.actors import Actor
from tenants.models import User
from tenants.roles import Permission, Role
from valuefabric.models import VIEW_CUSTOMER, Customer, CustomerUserObjectPermission

_SEES_RESTRICTED = frozenset({Role.OWNER, Role.ADMIN})


def customers_visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers that the actor may see. Restricted ones: their owner, the tenant's owners and admins, the system, and
    people with the object permission ``view_customer``."""
    if not actor.allows(Permission.CUSTOMER_VIEW):
        return Customer.objects.none()
    return Customer.objects.all() if _sees_restricted(actor) else _shown_to(actor.user_id or 0)


def _sees_restricted(actor: Actor) -> bool:
    # Without a role only the system is allowed anything.
    return actor.role is None or actor.role in _SEES_RESTRICTED


def _shown_to(user_id: int) -> QuerySet[Customer]:
    # By the permission's names and not by a content type: Django caches their ids per process, not per tenant's schema.
    granted = CustomerUserObjectPermission.objects.filter(
        content_object=OuterRef("pk"),
        user_id=user_id,
        permission__codename=VIEW_CUSTOMER,
    )
    return Customer.objects.filter(Q(restricted=False) | Q(owner_id=user_id) | Exists(granted))


_CUSTOMER = [field.attname for field in Customer._meta.concrete_fields]
_OWNER = [field.attname for field in User._meta.concrete_fields]
_WITH_OWNER = [*_CUSTOMER, *(f"owner__{name}" for name in _OWNER)]
# Asked for by every write and by nearly every page.
_IS_THERE = PlannedQuery(lambda customer: Customer.objects.filter(pk=customer).values_list("pk"), (int,))
_IS_SHOWN = PlannedQuery(lambda customer, user: _shown_to(user).filter(pk=customer).values_list("pk"), (int, int))
_THERE = PlannedQuery(lambda public_id: Customer.objects.filter(public_id=public_id).values_list(*_WITH_OWNER), (UUID,))
_SHOWN = PlannedQuery(
    lambda public_id, user: _shown_to(user).filter(public_id=public_id).values_list(*_WITH_OWNER),
    (UUID, int),
)


def customer_shown(actor: Actor, public_id: UUID) -> Customer | None:
    """The customer of this id with its owner, if the actor may see it."""
    if not actor.allows(Permission.CUSTOMER_VIEW):
        return None
    row = _THERE.first(public_id) if _sees_restricted(actor) else _SHOWN.first(public_id, actor.user_id or 0)
    if row is None:
        return None
    customer = Customer.from_db(connection.alias, _CUSTOMER, row[: len(_CUSTOMER)])
    customer.owner = User.from_db(connection.alias, _OWNER, row[len(_CUSTOMER) :])
    return customer


def customer_is_visible(actor: Actor, customer: Customer) -> bool:
    """Whether the actor may see this customer."""
    if not actor.allows(Permission.CUSTOMER_VIEW):
        return False
    found = _IS_THERE.first(customer.pk) if _sees_restricted(actor) else _IS_SHOWN.first(customer.pk, actor.user_id or 0)
    return found is not None
