"""Reserving and settling budgets.

Every window a call counts against is locked, in the order of primary keys, before anything is compared: fifty callers on
one budget queue at its row and each sees what the one before put aside. What is spent passes a limit only by what a provider
delivered beyond the reservation, and that is on the usage record.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from kernel.budgets.models import TENANT_SCOPE, Budget, BudgetWindow, Reservation, ReservationState, UsageRecord
from kernel.budgets.windows import Window, window_start
from kernel.schemas import current_schema

LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Used:
    """What a call used, as the provider reported it (or as estimated, when it reported nothing)."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    money: Decimal = Decimal(0)
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Prompt and completion together; cached and reasoning tokens are parts of these."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class CallFacts:
    """What a bill says about a call besides its tokens: which group was asked, what answered, at which price, when."""

    group: str = ""
    model: str = ""
    provider: str = ""
    price: int | None = None
    prompt: str = ""
    attempt: int = 1
    started_at: datetime | None = None
    waited_ms: int = 0


_NO_FACTS = CallFacts()


class BudgetExceeded(RuntimeError):
    """A budget has too little left for the call. Nothing was reserved."""

    def __init__(self, budget: Budget, *, unit: str, asked: Decimal, left: Decimal) -> None:
        self.scope, self.window, self.unit, self.asked, self.left = budget.scope, budget.window, unit, asked, left
        super().__init__(
            f"The budget of {budget.scope} per {budget.window} has {left} {unit} left and the call asks for {asked}. "
            "Raise the limit, or wait for the next window."
        )


class ReservationClosed(RuntimeError):
    """The reservation was settled or released before; a call is settled once."""


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
    same. Raises BudgetExceeded. Commit before calling out: other callers wait for the lock. The reservation expires after
    ``lifetime`` if nobody settles it, so that a killed worker holds nothing for ever.
    """
    now, schema = timezone.now(), current_schema()
    scopes = tuple(dict.fromkeys((TENANT_SCOPE, *scopes)))
    with transaction.atomic():
        windows = _windows_to_use(_windows_of(schema, scopes, now), now)
        for window in windows:
            _refuse_what_does_not_fit(window, tokens, money)
            window.held_tokens += tokens
            window.held_money += money
            window.save(update_fields=["held_tokens", "held_money"])
        return Reservation.objects.create(
            schema_name=schema,
            scopes=list(scopes),
            windows=[window.pk for window in windows],
            process=process,
            purpose=purpose,
            tokens=tokens,
            money=money,
            expires_at=now + lifetime,
        )


def reservation_settle(
    *, reservation: uuid.UUID, used: Used, deployment: str, outcome: str = "completed", facts: CallFacts = _NO_FACTS
) -> UsageRecord:
    """Replace what was put aside by what was used, and write the usage record, with the ``facts`` that billing wants to know.

    An expired reservation is settled too, because the spending happened. Raises ReservationClosed the second time.
    """
    with transaction.atomic():
        held, windows = _locked_reservation(reservation)
        if held.state not in {ReservationState.HELD, ReservationState.EXPIRED}:
            raise ReservationClosed(f"Reservation {held.pk} is {held.state} already.")
        for window in windows:
            _give_back(window, held)
            window.spent_tokens += used.tokens
            window.spent_money += used.money
            window.save(update_fields=["held_tokens", "held_money", "spent_tokens", "spent_money"])
        _close(held, ReservationState.SETTLED)
        return _usage_record(held, used, deployment, outcome, facts)


def usage_record_cached(
    *, scopes: Sequence[str], process: str, purpose: str, deployment: str, facts: CallFacts = _NO_FACTS
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


def reservation_release(*, reservation: uuid.UUID) -> None:
    """Give back what was put aside for a call that used nothing. Releasing twice is fine; a settled one stays settled."""
    with transaction.atomic():
        held, windows = _locked_reservation(reservation)
        if held.state == ReservationState.HELD:
            _give_back_all(windows, held)
            _close(held, ReservationState.RELEASED)


def reservations_expire(*, limit: int = 500) -> int:
    """Close reservations whose holders died, of all tenants where run as the owning role; returns how many.

    Reserving does the same for the budgets it touches, so nothing depends on when this runs.
    """
    overdue = Reservation.objects.filter(state=ReservationState.HELD, expires_at__lte=timezone.now())
    expired = 0
    for pk in list(overdue.order_by("expires_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            held, windows = _locked_reservation(pk)
            expired += _expire(held, windows)
    return expired


def _windows_of(schema: str, scopes: Sequence[str], now: datetime) -> list[int]:
    """Primary keys of the current windows of all budgets that count, made where they do not exist yet."""
    budgets = Budget.objects.filter(schema_name=schema, scope__in=scopes, enabled=True)
    rows = [BudgetWindow(schema_name=schema, budget=b, starts_at=window_start(Window(b.window), now)) for b in budgets]
    if not rows:
        return []
    found = _existing(rows)
    if len(found) < len(rows):
        BudgetWindow.objects.bulk_create(rows, ignore_conflicts=True)
        found = _existing(rows)
    if len(found) != len(rows):
        # A budget without its window would bound nothing; better no call than an uncounted one.
        raise RuntimeError(f"{len(rows)} budget windows were to be counted in and {len(found)} exist.")
    return found


def _existing(rows: Sequence[BudgetWindow]) -> list[int]:
    wanted = {(row.budget_id, row.starts_at) for row in rows}
    near = BudgetWindow.objects.filter(budget__in={row.budget_id for row in rows}, starts_at__in={row.starts_at for row in rows})
    return sorted(pk for pk, *key in near.values_list("pk", "budget_id", "starts_at") if tuple(key) in wanted)


def _locked(pks: Iterable[int]) -> list[BudgetWindow]:
    # In one order everywhere, so that two callers with several windows in common cannot wait for each other.
    rows = BudgetWindow.objects.select_for_update(of=("self",)).select_related("budget")
    return list(rows.filter(pk__in=list(pks)).order_by("pk"))


def _locked_reservation(pk: uuid.UUID) -> tuple[Reservation, list[BudgetWindow]]:
    # Windows first, as in reserving; the reservation's list of windows never changes.
    windows = _locked(Reservation.objects.values_list("windows", flat=True).get(pk=pk))
    return Reservation.objects.select_for_update().get(pk=pk), windows


def _refuse_what_does_not_fit(window: BudgetWindow, tokens: int, money: Decimal) -> None:
    budget = window.budget
    if budget.limit_tokens is not None:
        left = budget.limit_tokens - window.spent_tokens - window.held_tokens
        if tokens > left:
            raise BudgetExceeded(budget, unit="tokens", asked=Decimal(tokens), left=Decimal(max(left, 0)))
    if budget.limit_money is not None:
        left_money = budget.limit_money - window.spent_money - window.held_money
        if money > left_money:
            raise BudgetExceeded(budget, unit="US dollars", asked=money, left=max(left_money, Decimal(0)))


def _windows_to_use(pks: Sequence[int], now: datetime) -> list[BudgetWindow]:
    """The windows ``pks``, locked, after what dead holders hold in them was given back.

    A dead reservation may count in other windows too; all are locked together, to keep to the one order.
    """
    dead = Reservation.objects.filter(state=ReservationState.HELD, expires_at__lte=now, windows__overlap=list(pks))
    found = dict(dead.values_list("pk", "windows")[:50]) if pks else {}
    locked = {window.pk: window for window in _locked({*pks, *(pk for windows in found.values() for pk in windows)})}
    for held in Reservation.objects.select_for_update().filter(pk__in=found).order_by("pk") if found else ():
        _expire(held, [locked[pk] for pk in held.windows])
    return [locked[pk] for pk in pks]


def _expire(held: Reservation, windows: Sequence[BudgetWindow]) -> int:
    if held.state != ReservationState.HELD or held.expires_at > timezone.now():
        return 0
    _give_back_all(windows, held)
    _close(held, ReservationState.EXPIRED)
    return 1


def _give_back_all(windows: Sequence[BudgetWindow], held: Reservation) -> None:
    for window in windows:
        _give_back(window, held)
        window.save(update_fields=["held_tokens", "held_money"])


def _give_back(window: BudgetWindow, held: Reservation) -> None:
    # What expired was given back when it expired.
    if held.state == ReservationState.HELD:
        window.held_tokens -= held.tokens
        window.held_money -= held.money


def _close(held: Reservation, state: ReservationState) -> None:
    held.state, held.closed_at = state, timezone.now()
    held.save(update_fields=["state", "closed_at"])


def _usage_record(held: Reservation, used: Used, deployment: str, outcome: str, facts: CallFacts) -> UsageRecord:
    return UsageRecord.objects.create(
        schema_name=held.schema_name,
        reservation=held,
        scopes=held.scopes,
        process=held.process,
        purpose=held.purpose,
        deployment=deployment,
        prompt_tokens=used.prompt_tokens,
        completion_tokens=used.completion_tokens,
        cached_tokens=used.cached_tokens,
        reasoning_tokens=used.reasoning_tokens,
        money=used.money,
        tokens_over_reservation=max(used.tokens - held.tokens, 0),
        estimated=used.estimated,
        outcome=outcome[:40],
        **asdict(facts),
    )
