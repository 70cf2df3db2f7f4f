"""Replacing what was put aside by the truth."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from kernel.budgets.alerts import thresholds_tell
from kernel.budgets.models import TENANT_SCOPE, Reservation, UsageRecord
from kernel.budgets.services.facts import NO_FACTS, CallFacts, Used
from kernel.schemas import current_schema
from kernel.statements import fetch_planned

_NAMES = [field.attname for field in UsageRecord._meta.concrete_fields]
# What the database takes from the reservation; the function is given the rest, in this order.
_TAKEN = ("schema_name", "scopes", "process", "purpose", "tokens_over_reservation")
_GIVEN = (
    "reservation_id", "occurred_at", "deployment", "outcome", "prompt_tokens", "completion_tokens", "cached_tokens",
    "reasoning_tokens", "money", "estimated", "group", "model", "provider", "price", "prompt", "attempt", "started_at",
    "waited_ms",
)  # fmt: skip
_PLACES = ", ".join("%s::int" if name in ("attempt", "waited_ms") else "%s" for name in _GIVEN)
_SETTLE = f"SELECT * FROM public.vos_budget_settle({_PLACES})"  # noqa: S608 - placeholders only


class ReservationClosed(RuntimeError):
    """The reservation was settled or released before; a call is settled once."""


def reservation_settle(
    *, reservation: uuid.UUID, used: Used, deployment: str, outcome: str = "completed", facts: CallFacts = NO_FACTS
) -> UsageRecord:
    """Replace what was put aside by what was used, and write the usage record, with the ``facts`` that billing wants to know.

    An expired reservation is settled too, because the spending happened. Raises ReservationClosed the second time. Passing a
    threshold is told.
    """
    now = timezone.now()
    given = {
        "occurred_at": now, "reservation_id": reservation, "deployment": deployment, "outcome": outcome[:40], "cached": False,
        **vars(used), **vars(facts),
    }  # fmt: skip
    row = fetch_planned(_SETTLE, [given[name] for name in _GIVEN])
    if row is None:
        state = Reservation.objects.values_list("state", flat=True).get(pk=reservation)
        raise ReservationClosed(f"Reservation {reservation} is {state} already.")
    pk, *taken, windows, is_to_be_told = row
    if is_to_be_told:
        thresholds_tell(windows=windows)
    known = {"id": pk, **dict(zip(_TAKEN, taken, strict=True)), **given}
    return UsageRecord.from_db(connection.alias, _NAMES, [known[name] for name in _NAMES])


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
