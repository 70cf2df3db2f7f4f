"""Giving back what was put aside and not used: by its holder, or because that died."""

import uuid

from django.db import transaction
from django.utils import timezone

from kernel.budgets.models import BudgetWindow, Reservation, ReservationState


def reservation_release(*, reservation: uuid.UUID) -> None:
    """Give back what was put aside for a call that used nothing. Releasing twice is fine; a settled one stays settled."""
    with transaction.atomic():
        held = _locked(reservation)
        if held.state == ReservationState.HELD:
            _give_back(held, ReservationState.RELEASED)


def reservations_expire(*, schema: str = "", limit: int = 500) -> int:
    """Close reservations whose holders died, of one tenant or, as the owning role, of all; returns how many.

    Reserving does the same for its tenant, so nothing depends on when this runs.
    """
    overdue = Reservation.objects.filter(state=ReservationState.HELD, expires_at__lte=timezone.now())
    overdue = overdue.filter(schema_name=schema) if schema else overdue
    return sum(_expired(pk) for pk in list(overdue.order_by("expires_at").values_list("pk", flat=True)[:limit]))


def _expired(pk: uuid.UUID) -> int:
    with transaction.atomic():
        held = _locked(pk)
        if held.state != ReservationState.HELD or held.expires_at > timezone.now():
            return 0
        _give_back(held, ReservationState.EXPIRED)
    return 1


def _locked(pk: uuid.UUID) -> Reservation:
    # Before its windows, as in settling: nobody who holds a window waits for a reservation.
    return Reservation.objects.select_for_update().get(pk=pk)


def _give_back(held: Reservation, state: ReservationState) -> None:
    # In one order, as in reserving.
    for window in BudgetWindow.objects.select_for_update().filter(pk__in=held.windows).order_by("pk"):
        window.held_tokens -= held.tokens
        window.held_money -= held.money
        window.save(update_fields=["held_tokens", "held_money"])
    held.state, held.closed_at = state, timezone.now()
    held.save(update_fields=["state", "closed_at"])
