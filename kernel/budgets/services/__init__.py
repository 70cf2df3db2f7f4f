"""Reserving and settling budgets.

Every window a call counts against is locked, in the order of primary keys, before anything is compared: any number of callers on
one budget queue at its row and each sees what the one before put aside. What is spent passes a limit only by what a provider
delivered beyond the reservation, and that is on the usage record.

Reserving and settling are functions in the database (migration 0007), one round trip each: a budget's row is locked for as long
as one statement takes, and not for as long as a client needs to answer. Who closes a reservation locks it before its windows.
"""

from kernel.budgets.services.facts import CallFacts, Used
from kernel.budgets.services.reserving import LIFETIME, BudgetExceeded, budget_reserve
from kernel.budgets.services.returning import reservation_release, reservations_expire
from kernel.budgets.services.settling import ReservationClosed, reservation_settle, usage_record_cached
from kernel.budgets.services.slots import reservation_slot_note

__all__ = [
    "LIFETIME",
    "BudgetExceeded",
    "CallFacts",
    "ReservationClosed",
    "Used",
    "budget_reserve",
    "reservation_release",
    "reservation_settle",
    "reservation_slot_note",
    "reservations_expire",
    "usage_record_cached",
]
