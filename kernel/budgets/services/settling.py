"""Replacing what was put aside by the truth."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

from django.db import connection

from kernel.budgets.alerts import thresholds_tell
from kernel.budgets.models import TENANT_SCOPE, Reservation, UsageRecord
from kernel.budgets.services.facts import NO_FACTS, CallFacts, Used
from kernel.schemas import current_schema

_SETTLE = "SELECT * FROM public.vos_budget_settle(%s, %s, %s, %s, %s::jsonb)"
# What the database knows better: it fills these in from the reservation.
_FILLED_IN = frozenset({"id", "reservation_id", "schema_name", "scopes", "process", "purpose", "tokens_over_reservation"})


class ReservationClosed(RuntimeError):
    """The reservation was settled or released before; a call is settled once."""


def reservation_settle(
    *, reservation: uuid.UUID, used: Used, deployment: str, outcome: str = "completed", facts: CallFacts = NO_FACTS
) -> UsageRecord:
    """Replace what was put aside by what was used, and write the usage record, with the ``facts`` that billing wants to know.

    An expired reservation is settled too, because the spending happened. Raises ReservationClosed the second time. Passing a
    threshold is told.
    """
    record = UsageRecord(reservation_id=reservation, deployment=deployment, outcome=outcome[:40], **asdict(used), **asdict(facts))
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [reservation, used.tokens, used.money, record.occurred_at, _as_json(record)])
        verdict, pk, schema, scopes, process, purpose, over, windows, is_to_be_told = cursor.fetchone()
    if verdict == "missing":
        raise Reservation.DoesNotExist(f"There is no reservation {reservation} here.")
    if pk is None:
        raise ReservationClosed(f"Reservation {reservation} is {verdict} already.")
    record.pk, record.schema_name, record.scopes, record.process, record.purpose = pk, schema, scopes, process, purpose
    record.tokens_over_reservation = over
    record._state.adding = False  # the row is there; Django offers no other way to say so
    if is_to_be_told:
        thresholds_tell(windows=windows)
    return record


def usage_record_cached(
    *, scopes: Sequence[str], process: str, purpose: str, deployment: str, facts: CallFacts = NO_FACTS
) -> UsageRecord:
    """Note an answer that came from an earlier call: nothing was reserved, used or paid for it."""
    return UsageRecord.objects.create(
        schema_name=current_schema(),
        scopes=list(dict.fromkeys((TENANT_SCOPE, *scopes))),
        process=process,
        purpose=purpose,
        deployment=deployment,
        money=Decimal(0),
        cached=True,
        **asdict(facts),
    )


def _as_json(record: UsageRecord) -> str:
    """The record's own columns by name; decimals and times as text, which Postgres reads exactly."""
    fields = UsageRecord._meta.concrete_fields
    return json.dumps({f.column: getattr(record, f.attname) for f in fields if f.column not in _FILLED_IN}, default=str)
