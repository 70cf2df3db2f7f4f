"""Putting tokens and money aside."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from kernel.budgets.alerts import thresholds_tell
from kernel.budgets.models import TENANT_SCOPE, Budget, BudgetWindow, Reservation, ReservationState
from kernel.budgets.services.returning import reservations_expire
from kernel.schemas import current_schema

LIFETIME = timedelta(minutes=15)
_RESERVE = "SELECT * FROM public.vos_budget_reserve(%s, %s, %s::text[], %s, %s, %s, %s, %s, %s)"
# What died is given back, and a window that begins is opened, before a call is let in; both once nearly always.
_MOST_PREPARATIONS = 20
_NAMES = [field.attname for field in Reservation._meta.concrete_fields]


class BudgetExceeded(RuntimeError):
    """A budget has too little left for the call. Nothing was reserved."""

    def __init__(self, budget: Budget, *, unit: str, asked: Decimal, left: Decimal) -> None:
        self.scope, self.window, self.unit, self.asked, self.left = budget.scope, budget.window, unit, asked, left
        super().__init__(
            f"The budget of {budget.scope} per {budget.window} has {left} {unit} left and the call asks for {asked}. "
            "Raise the limit, or wait for the next window."
        )


def budget_reserve(
    *,
    tokens: int,
    money: Decimal,
    scopes: Sequence[str] = (),
    process: str = "",
    purpose: str = "",
    lifetime: timedelta = LIFETIME,
) -> Reservation:
    """Put ``tokens`` and ``money`` (US dollars) aside in every budget of the current tenant that one of ``scopes`` names.

    The scope “tenant” is always among them. Where no budget is set nothing bounds the call, but the usage is recorded all the
    same. Raises BudgetExceeded. Call it outside a transaction, whose locks other callers would wait for. The reservation expires
    after ``lifetime`` if nobody settles it, so that a killed worker holds nothing for ever.
    """
    now = timezone.now()
    values: dict[str, Any] = {
        "id": uuid.uuid4(),
        "schema_name": current_schema(),
        "scopes": list(dict.fromkeys((TENANT_SCOPE, *scopes))),
        "tokens": tokens,
        "money": money,
        "process": process,
        "purpose": purpose,
        "created_at": now,
        "expires_at": now + lifetime,
    }
    found = _reserved(list(values.values()))
    for _ in range(_MOST_PREPARATIONS):
        if found[0] == "dead":
            reservations_expire(schema=values["schema_name"])
        elif found[0] == "unopened":
            _open_windows(values["schema_name"], values["scopes"], now)
        else:
            break
        found = _reserved(list(values.values()))
    verdict, windows, window_id, unit, left, is_to_be_told = found
    if verdict == "refused":
        asked = Decimal(tokens) if unit == "tokens" else money
        raise _refusal(window_id, unit, asked, left, is_to_be_told=is_to_be_told)
    if verdict != "held":
        # A budget that is not counted in would bound nothing; better no call than an uncounted one.
        raise RuntimeError(f"The budgets of {values['scopes']} cannot be counted in ({verdict}). Try again.")
    values |= {"windows": windows, "state": ReservationState.HELD.value, "closed_at": None, "slot": None}
    return Reservation.from_db(connection.alias, _NAMES, [values[name] for name in _NAMES])


def _open_windows(schema: str, scopes: Sequence[str], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.vos_budget_open(%s, %s::text[], %s)", [schema, list(scopes), at])


def _reserved(values: list[Any]) -> tuple[str, list[int], int, str, Decimal, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, values)
        row: tuple[str, list[int], int, str, Decimal, bool] = cursor.fetchone()
    return row


def _refusal(window_id: int, unit: str, asked: Decimal, left: Decimal, *, is_to_be_told: bool) -> BudgetExceeded:
    window = BudgetWindow.objects.select_related("budget").get(pk=window_id)
    if is_to_be_told:
        thresholds_tell(windows=[window_id], refused=window_id)
    return BudgetExceeded(window.budget, unit=unit, asked=asked, left=left)
