"""Figures that a document says beside its rows, each as an input of its own: rates, shares, phases, growth, the contract.

Being inputs they can be shown, explained and changed one by one in every form of the model, and another figure needs no new code.
Their keys have a space, so that no user can write one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from valuefabric.domain.formulas.arithmetic import ONE
from valuefabric.domain.formulas.nodes import PERIOD_DAY
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.driver import Driver
from valuefabric.domain.model.kept import kept
from valuefabric.domain.model.phase import Phase, phase_factors
from valuefabric.domain.model.recurrence import Escalation, timing_factors, years_of_growth
from valuefabric.domain.model.row import Row
from valuefabric.domain.model.share import Share
from valuefabric.domain.model.timeline import day_number
from valuefabric.domain.money.ecb import known_rate

BENEFITS_AT = "benefits at"
_FEATURES = frozenset({"convert", "escalation", "timing", "phase_in", "phase_out", "attribution", "probability"})


@dataclass(frozen=True, slots=True)
class Helper:
    """An input that a document implies: its figures by period, what it is called, and where it comes from."""

    key: str
    label: str
    unit: str
    figures: tuple[Decimal, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a row is multiplied by: the name of a helper, or (then there is nothing to ``make``) of a row."""

    name: str
    unit: str = ""
    make: Callable[[], Helper] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a row is multiplied by: ``factors``, and (1 + ``rate``) to the power of ``years``."""

    factors: tuple[Part, ...]
    rate: Part | None = None
    years: Part | None = None

    @property
    def all(self) -> tuple[Part, ...]:
        """Every part, in the order of use."""
        return (*self.factors, *(part for part in (self.rate, self.years) if part is not None))


@kept
def parts_of(document: ModelDocument) -> dict[str, Parts]:
    """The parts of each row that has any; most have none."""
    phased = {driver.key: driver for driver in document.drivers if driver.phase_in is not None or driver.phase_out is not None}
    contract = document.timeline is not None and document.timeline.contract is not None
    found = {}
    for row in document.rows:
        own = not row.model_fields_set.isdisjoint(_FEATURES)
        driven = row.role == "benefit" and row.driver in phased
        if own or driven or (contract and row.role is not None):
            found[row.key] = _Maker(document, row, phased).parts()
    return found


@kept
def helpers_of(document: ModelDocument) -> tuple[Helper, ...]:
    """Every helper that ``document`` needs, once each. Raises money.ecb.RateError for a rate that there is not."""
    made: dict[str, Helper] = {}
    for parts in parts_of(document).values():
        for part in parts.all:
            if part.make is not None and part.name not in made:
                made[part.name] = part.make()
    for part in general_parts(document):
        if part.make is not None:
            made[part.name] = part.make()
    return tuple(made.values())


def general_parts(document: ModelDocument) -> tuple[Part, ...]:
    """The helpers of no row: the share of benefits that counts, and the days of a model with dates."""
    periods, found = len(document.periods), []
    share, dates = document.benefits_at, document.dates
    if share is not None:
        label = "Share of every benefit that counts"
        found.append(Part(BENEFITS_AT, "percent", lambda: Helper(BENEFITS_AT, label, "percent", (share,) * periods, "as stated")))
    if dates:
        days = tuple(day_number(column.flow) for column in dates)
        found.append(Part(PERIOD_DAY, "number", lambda: Helper(PERIOD_DAY, "Day of the flow", "number", days, "the timeline")))
    return tuple(found)


def phases_of(document: ModelDocument, row: Row) -> tuple[Phase | None, Phase | None]:
    """How the row's effect comes and goes: by its own phases, or, for a benefit without any, by its driver's."""
    if row.phase_in is not None or row.phase_out is not None:
        return row.phase_in, row.phase_out
    if row.role != "benefit" or row.driver is None:
        return None, None
    driver = document.driver(row.driver)
    return driver.phase_in, driver.phase_out


def contract_window(document: ModelDocument, row: Row) -> tuple[int, int] | None:
    """From which month to which the contract runs, where the row keeps to one."""
    timeline = document.timeline
    if row.role is None or row.outside_contract or timeline is None or timeline.contract is None:
        return None
    begins = timeline.first_contract_month - 1
    return begins, begins + timeline.contract.months


class _Maker:
    """Makes the parts of one row."""

    def __init__(self, document: ModelDocument, row: Row, phased: dict[str, Driver]) -> None:
        self._document, self._row, self._phased = document, row, phased
        self._months, self._initial = document.conventions.months_per_period, document.has_initial_period

    def parts(self) -> Parts:
        factors = (*self._rate(), *self._timing(), *self._phases(), *self._shares(), *self._contract())
        if self._row.escalation is None:
            return Parts(factors)
        return Parts(factors, self._growth(self._row.escalation), self._years(self._row.escalation))

    def _rate(self) -> Iterator[Part]:
        currency = self._row.convert
        if currency is not None:
            own = self._document.currency
            yield self._part(
                f"rate {currency}", f"{own} for 1 {currency}", f"{own}/{currency}", lambda: self._known_rate(currency)
            )

    def _known_rate(self, currency: str) -> tuple[tuple[Decimal, ...], str]:
        wanted = next(rate for rate in self._document.rates if rate.currency == currency)
        known = known_rate(wanted, self._document.currency)
        return (known.rate,) * len(self._document.periods), known.source

    def _timing(self) -> Iterator[Part]:
        timing = self._row.timing
        if timing is not None:
            label = f"{self._row.label}: in which periods"
            yield self._own("timing", label, "number", lambda: timing_factors(timing, self._document.periods))

    def _phases(self) -> Iterator[Part]:
        owner = self._owner()
        if owner is None:
            return
        kind = "row" if owner is self._row else "driver"
        what = " and ".join(name for name, phase in (("phase-in", owner.phase_in), ("phase-out", owner.phase_out)) if phase)
        window = self._window() if self._row.timing is None else None
        inside = " inside the contract" if window else ""
        figures = partial(
            phase_factors,
            owner.phase_in,
            owner.phase_out,
            periods=len(self._document.periods),
            months=self._months,
            initial=self._initial,
            window=window,
        )
        source = f"the {kind}'s {what}{inside}"
        name = f"phase of {kind} {owner.key}{inside}"
        yield self._part(name, f"{owner.label}: {what}{inside}", "percent", lambda: (figures(), source))

    def _owner(self) -> Row | Driver | None:
        """Whose phases the row has: its own, or, for a benefit, its driver's."""
        if self._row.phase_in is not None or self._row.phase_out is not None:
            return self._row
        return self._phased.get(self._row.driver or "") if self._row.role == "benefit" else None

    def _window(self) -> tuple[int, int] | None:
        return contract_window(self._document, self._row)

    def _shares(self) -> Iterator[Part]:
        for name, share in (("attribution", self._row.attribution), ("probability", self._row.probability)):
            if share is not None:
                yield self._share(name, f"{self._row.label}: {name}", share)

    def _share(self, name: str, label: str, share: Share) -> Part:
        if isinstance(share, str):
            return Part(share)
        return self._own(name, label, "percent", lambda: (share,) * len(self._document.periods))

    def _contract(self) -> Iterator[Part]:
        """Phases are cut by the contract themselves; an amount that falls at once is there or not."""
        window = self._window()
        whole = self._row.timing is not None
        if window is None or (self._owner() is not None and not whole):
            return
        name, label = (
            ("contract of amounts at once", "Inside the contract, not cut") if whole else ("contract", "Inside the contract")
        )
        figures = partial(
            phase_factors, None, None, periods=len(self._document.periods), months=self._months, initial=self._initial
        )

        def made() -> tuple[tuple[Decimal, ...], str]:
            shares = figures(window=window)
            return tuple(ONE if share else share for share in shares) if whole else shares, "the timeline's contract"

        yield self._part(name, label, "percent", made)

    def _growth(self, escalation: Escalation) -> Part:
        return self._share("escalation", f"{self._row.label}: growth a year", escalation.rate)

    def _years(self, escalation: Escalation) -> Part:
        since = escalation.since or self._document.periods[0]
        label = f"Years of growth since {self._document.label_of(since)}"
        name = f"years since {since} {escalation.steps}"
        periods, months, initial = self._document.periods, self._months, self._initial
        return self._part(
            name,
            label,
            "number",
            lambda: (years_of_growth(escalation, periods, months=months, initial=initial), f"by {escalation.steps}"),
        )

    def _own(self, name: str, label: str, unit: str, figures: Callable[[], tuple[Decimal, ...]]) -> Part:
        return self._part(f"{name} of {self._row.key}", label, unit, lambda: (figures(), f"the row's {name}"))

    def _part(self, key: str, label: str, unit: str, known: Callable[[], tuple[tuple[Decimal, ...], str]]) -> Part:
        def made() -> Helper:
            figures, source = known()
            return Helper(key, label, unit, figures, source)

        return Part(key, unit, made)
