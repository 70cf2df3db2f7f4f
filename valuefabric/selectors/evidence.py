"""Reading evidence: whose it is, what it says, and by which names findings refer to it."""

from collections.abc import Mapping
from datetime import date

from django.db.models import QuerySet

from kernel.storage.services import blob_get
from tenants.actors import Actor
from valuefabric.domain.discovery.record import record_start
from valuefabric.domain.evidence import read_document
from valuefabric.models import Customer, Evidence
from valuefabric.selectors.customers import customers_visible_to


def evidence_visible_to(actor: Actor) -> QuerySet[Evidence]:
    """Evidence of the customers that the actor may see."""
    return Evidence.objects.filter(customer__in=customers_visible_to(actor))


def evidence_by_reference(customer: Customer) -> Mapping[str, Evidence]:
    """A customer's evidence by public id, and by file name (the newest of a name), as sources and findings refer to it."""
    rows = list(customer.evidence.order_by("added_at", "pk"))
    return {**{row.filename: row for row in rows}, **{str(row.public_id): row for row in rows}}


def evidence_names(customer: Customer) -> Mapping[str, str]:
    """The names of a customer's documents by public id, as texts and sources refer to them."""
    rows = customer.evidence.order_by("pk").values_list("public_id", "filename")
    return {str(public_id): filename for public_id, filename in rows}


def term_start_of(customer: Customer) -> date | None:
    """The first day of the contract as the newest record that has one says it; None where no record does."""
    for row in customer.evidence.filter(kind="json").order_by("-added_at", "-id"):
        if starts_on := record_start(read_document(row.filename, blob_get(row.blob))):
            return starts_on
    return None
