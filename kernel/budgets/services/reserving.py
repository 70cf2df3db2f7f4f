"""Putting tokens and money aside."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from kernel.budgets.alerts import thresholds_tell
from kernel.budgets.models import TENANT_SCOPE, Budget, BudgetWindow, Reservation, ReservationState
from kernel.budgets.services.returning import reservations_expire
from kernel.schemas import current_schema
from kernel.statements import fetch_planned

LIFETIME = timedelta(minutes=15)
_RESERVE = "SELECT * FROM public.vos_budget_reserve(%s, %s, %s::text[], %s, %s, %s, %s, %s, %s)"
# What died is given back, and a window that begins is opened, before a call is let in; both once nearly always.
_MOST_PREPARATIONS = 20
_NAMES = [field.attname for field in Reservation._meta.concrete_fields]


class _Found(NamedTuple):
    """What the database answered: held, refused by ``window`` for want of ``unit``, or what must be prepared first."""

    verdict: str
    windows: list[int]
    window: int
    unit: str
    left: Decimal
    is_to_be_told: bool


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
    values: dict[str, Any] = {
        "id": uuid.uuid4(),
        "schema_name": current_schema(),
        "scopes": list(dict.fromkeys((TENANT_SCOPE, *scopes))),
        "tokens": tokens,
        "money": money,
        "process": process,
        "purpose": purpose,
        "created_at": (now := timezone.now()),
        "expires_at": now + lifetime,
    }
    found = _reserved_prepared(values)
    if found.verdict == "refused":
        raise _refusal(found, tokens=tokens, money=money)
    if found.verdict != "held":
        # A budget that is not counted in would bound nothing; better no call than an uncounted one.
        raise RuntimeError(f"The budgets of {values['scopes']} cannot be counted in ({found.verdict}). Try again.")
    values |= {"windows": found.windows, "state": ReservationState.HELD.value, "closed_at": None, "slot": None}
    return Reservation.from_db(connection.alias, _NAMES, [values[name] for name in _NAMES])


def _reserved_prepared(values: dict[str, Any]) -> _Found:
    """What the database says once everything that must be done before a call is let in is done."""
    found = _reserved(values)
    for _ in range(_MOST_PREPARATIONS):
        if found.verdict == "dead":
            reservations_expire(schema=values["schema_name"])
        elif found.verdict == "unopened":
            _open_windows(values["schema_name"], values["scopes"], values["created_at"])
        else:
            break
        found = _reserved(values)
    return found


def _open_windows(schema: str, scopes: Sequence[str], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.vos_budget_open(%s, %s::text[], %s)", [schema, list(scopes), at])


def _reserved(values: dict[str, Any]) -> _Found:
    return _Found(*(fetch_planned(_RESERVE, list(values.values())) or ()))  # it always answers


def _refusal(found: _Found, *, tokens: int, money: Decimal) -> BudgetExceeded:
    window = BudgetWindow.objects.select_related("budget").get(pk=found.window)
    if found.is_to_be_told:
        thresholds_tell(windows=[found.window], refused=found.window)
    asked = Decimal(tokens) if found.unit == "tokens" else money
    return BudgetExceeded(window.budget, unit=found.unit, asked=asked, left=found.left)
