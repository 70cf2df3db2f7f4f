"""Who holds slots, as the reservations of running calls tell: what the scheduler reads when Valkey was emptied."""

import logging

from django.db import DatabaseError, InterfaceError
from django_tenants.utils import get_public_schema_name, schema_context

from kernel.budgets.selectors import slots_held
from kernel.scheduler.admission import HeldSlot

logger = logging.getLogger(__name__)


def slots_on_record() -> list[HeldSlot] | None:
    """Those of all tenants; None where the database does not say."""
    try:
        # As the owning role: one tenant's may not see what another holds.
        with schema_context(get_public_schema_name()):
            found = slots_held()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("who holds slots cannot be read; time will tell", extra={"error": type(error).__name__})
        return None
    return [held for packed in found if (held := _unpacked(packed))]


def _unpacked(packed: dict[str, object]) -> HeldSlot | None:
    try:
        return HeldSlot.unpacked(packed)
    except (ValueError, TypeError, KeyError):
        logger.warning("a slot's note is none of this version's; its holder renews it")
        return None
