"""Which slot the call behind a reservation holds: the scheduler's record outside Valkey."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection

# Not waited for until it is on disk: only a crash of Postgres within the second before Valkey is emptied could lose it, and the
# call's own lease says the same until then.
_NOTE = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE public.budgets_reservation SET slot = %s::jsonb FROM quick WHERE id = %s
"""


def reservation_slot_note(*, reservation: uuid.UUID, slot: Mapping[str, Any]) -> None:
    """Write down that the call has ``slot`` from now on, until the reservation is closed. Call it outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [json.dumps(slot), reservation])
