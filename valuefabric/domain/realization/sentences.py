"""What the figures say, in sentences that code writes: no adjective that a number does not carry."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from valuefabric.domain.realization.result import AssumptionActual, DriverRealization, Sentence
from valuefabric.domain.realization.wording import in_unit, money, percent


def told(
    *,
    month: str,
    months: int,
    currency: str,
    committed: Decimal,
    actual: Decimal,
    attainment: Decimal | None,
    forecast: Decimal | None,
) -> Iterator[Sentence]:
    """The case as a whole."""
    if not months:
        yield Sentence(text="Nothing has been measured yet.", cells=("telemetry",))
        return
    text = f"Through {month}, month {months} of the contract, {money(actual, currency)} of the"
    text += f" {money(committed, currency)} committed to date came in" + (
        f" ({percent(attainment)})." if attainment is not None else "."
    )
    yield Sentence(text=text, cells=("months", "actual_to_date", "committed_to_date", "attainment_pct"))
    if forecast is not None:
        text = f"If the measured trends hold, the whole term brings {percent(forecast)} of the commitment."
        yield Sentence(text=text, cells=("forecast_pct",))


def told_of_drivers(drivers: Sequence[DriverRealization], currency: str) -> Iterator[Sentence]:
    """Each driver, and the assumption that moved it most."""
    for driver in drivers:
        if driver.attainment_pct is None:
            continue
        text = f"{driver.label}: {money(driver.actual_to_date, currency)} of {money(driver.committed_to_date, currency)}"
        text += f" ({percent(driver.attainment_pct)})."
        cells = [f"{driver.key}.actual_to_date", f"{driver.key}.committed_to_date", f"{driver.key}.attainment_pct"]
        largest = max(driver.variance, key=lambda part: abs(part.amount), default=None)
        if largest is not None and largest.amount:
            text += f" The largest cause is {largest.label}: {in_unit(largest.actual, largest.unit)} where"
            text += f" {in_unit(largest.committed, largest.unit)} was committed, worth"
            text += f" {'-' if largest.amount < 0 else '+'}{money(abs(largest.amount), currency)}."
            cells += [f"{driver.key}.variance.{largest.row}"] * 3
        yield Sentence(text=text, cells=tuple(cells))


def told_of_gaps(unmeasured: Sequence[str], assumptions: Sequence[AssumptionActual]) -> Iterator[Sentence]:
    """What is still only a promise."""
    if unmeasured and assumptions:
        text = f"Measured: {', '.join(assumption.label for assumption in assumptions)}."
        text += f" Still as committed, without a measurement: {', '.join(unmeasured)}."
        yield Sentence(text=text, cells=("assumptions", "unmeasured"))
