"""Reading stops. A tenant sees its own and those of the whole platform: row-level security says so too."""

import uuid

from django.db.models import Q, QuerySet
from django_tenants.utils import get_public_schema_name

from kernel.schemas import current_schema
from kernel.stops.models import Stop


def stops_visible() -> QuerySet[Stop]:
    """Every stop that concerns the current tenant (operators, in the public schema: all), the newest first, with its releases."""
    rows = Stop.objects.prefetch_related("releases").order_by("-id")
    here = current_schema()
    return rows if here == get_public_schema_name() else rows.filter(Q(schema_name=here) | Q(schema_name=""))


def stops_in_force(*, schema_name: str | None = None) -> list[Stop]:
    """The stops in force that are visible here, the newest first; operators may ask for one tenant's, with the platform's."""
    rows = stops_visible().filter(released_at=None)
    if schema_name is not None:
        rows = rows.filter(Q(schema_name=schema_name) | Q(schema_name=""))
    return list(rows)


def stop_get(public_id: uuid.UUID | str) -> Stop:
    """One stop. Raises Stop.DoesNotExist for another tenant's as for an unknown one."""
    return stops_visible().get(public_id=public_id)
