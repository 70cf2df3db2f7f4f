"""What a run is about, in words."""

import uuid

from valuefabric.models import Customer

_CUSTOMER = "customer:"


def customer_about(subject: str) -> str:
    """The name of the customer that ``subject`` refers to; empty for anything else."""
    if not subject.startswith(_CUSTOMER):
        return ""
    try:
        public_id = uuid.UUID(subject.removeprefix(_CUSTOMER))
    except ValueError:
        return ""
    return Customer.objects.filter(public_id=public_id).values_list("name", flat=True).first() or ""
