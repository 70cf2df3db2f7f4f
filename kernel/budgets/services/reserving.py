"""Putting tokens and money aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from kernel.budgets.alerts import thresholds_tell
from kernel.budgets.models import TENANT_SCOPE, Budget, BudgetWindow, Reservation
from kernel.budgets.services.returning import reservations_expire
from kernel.schemas import current_schema

LIFETIME = timedelta(minutes=15)
_RESERVE = "SELECT * FROM public.vos_budget_reserve(%s, %s, %s::text[], %s, %s, %s, %s, %s, %s)"


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
    held = Reservation(
        schema_name=current_schema(),
        scopes=list(dict.fromkeys((TENANT_SCOPE, *scopes))),
        process=process,
        purpose=purpose,
        tokens=tokens,
        money=money,
        created_at=now,
        expires_at=now + lifetime,
    )
    while (found := _reserved(held, now))[0] == "dead":
        reservations_expire(schema=held.schema_name)
    verdict, windows, window_id, unit, left, is_to_be_told = found
    if verdict == "refused":
        raise _refusal(held, window_id, unit, left, is_to_be_told=is_to_be_told)
    held.windows = windows
    held._state.adding = False  # the row is there; Django offers no other way to say so
    return held


def _reserved(held: Reservation, now: datetime) -> tuple[str, list[int], int, str, Decimal, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            [held.pk, held.schema_name, held.scopes, held.tokens, held.money, held.process, held.purpose, now, held.expires_at],
        )
        row: tuple[str, list[int], int, str, Decimal, bool] = cursor.fetchone()
    return row


def _refusal(held: Reservation, window_id: int, unit: str, left: Decimal, *, is_to_be_told: bool) -> BudgetExceeded:
    window = BudgetWindow.objects.select_related("budget").get(pk=window_id)
    if is_to_be_told:
        thresholds_tell(windows=[window_id], refused=window_id)
    asked = Decimal(held.tokens) if unit == "tokens" else held.money
    return BudgetExceeded(window.budget, unit=unit, asked=asked, left=left)
