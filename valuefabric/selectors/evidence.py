"""Reading evidence: whose it is, what it says, and by which names findings refer to it."""

from collections.abc import Mapping

from django.db.models import QuerySet

from tenants.actors import Actor
from valuefabric.models import Customer, Evidence
from valuefabric.selectors.customers import customers_visible_to


def evidence_visible_to(actor: Actor) -> QuerySet[Evidence]:
    """Evidence of the customers that the actor may see."""
    return Evidence.objects.filter(customer__in=customers_visible_to(actor))


def evidence_by_reference(customer: Customer) -> Mapping[str, Evidence]:
    """A customer's evidence by public id, and by file name (the newest of a name), as sources and findings refer to it."""
    rows = list(customer.evidence.order_by("added_at", "pk"))
    return {**{row.filename: row for row in rows}, **{str(row.public_id): row for row in rows}}
