"""Who sees which run: one filter, which follows the visibility of what the run is about."""

import uuid

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to
from workflows.models import Execution

_CUSTOMER = "customer:"


def executions_visible_to(actor: Actor) -> QuerySet[Execution]:
    """The runs that the actor may see: with the permission, all but those about a customer that is restricted for them."""
    if not actor.allows(Permission.RUN_VIEW):
        return Execution.objects.none()
    hidden = Customer.objects.exclude(pk__in=customers_visible_to(actor).values("pk"))
    references = hidden.annotate(reference_text=Concat(Value(_CUSTOMER), Cast("public_id", CharField())))
    return Execution.objects.exclude(subject__in=references.values("reference_text"))


def subject_is_visible(actor: Actor, subject: str) -> bool:
    """Whether the actor may see what a run is, or would be, about. What is no customer is restricted for nobody."""
    if not subject.startswith(_CUSTOMER):
        return True
    try:
        public_id = uuid.UUID(subject.removeprefix(_CUSTOMER))
    except ValueError:
        return True  # no customer has such an id, so there is nothing to hide
    known = Customer.objects.filter(public_id=public_id)
    return not known.exists() or customers_visible_to(actor).filter(public_id=public_id).exists()
