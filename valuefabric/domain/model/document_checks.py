"""Whether a document's entries fit together. Each message names the row (or the entry) and says what to write."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.formulas.units import PLAIN, UnitError, parse_unit
from valuefabric.domain.model.driver import Driver
from valuefabric.domain.model.keys import unique
from valuefabric.domain.model.phase import MAX_PHASES
from valuefabric.domain.model.row import Row
from valuefabric.domain.model.variation import ENDS, Change
from valuefabric.domain.risk.distribution import check_correlations

if TYPE_CHECKING:
    from valuefabric.domain.model.document import ModelDocument


def check_document(document: "ModelDocument") -> None:
    """Raise ValueError for the first thing that does not fit."""
    _check_keys(document)
    _check_phases(document)
    drivers = {driver.key for driver in document.drivers}
    rows = {row.key: row for row in document.rows}
    for row in document.rows:
        check_row(document, row, drivers, rows)
    for check in (_check_overlaps, _check_scenarios, _check_alternatives):
        check(document, rows)
    check_correlations(document.correlations, [row.key for row in document.rows if row.values is not None])


def _check_keys(document: "ModelDocument") -> None:
    unique("driver", [driver.key for driver in document.drivers])
    unique("row", [row.key for row in document.rows])
    unique("table", [table.key for table in document.tables])
    unique("overlap", [overlap.key for overlap in document.overlaps])
    unique("scenario", [scenario.key for scenario in document.scenarios])
    unique("alternative", [alternative.key for alternative in document.alternatives])
    unique("rate", [rate.currency for rate in document.rates])
    if unknown := set(document.period_labels) - set(document.periods):
        raise ValueError(f"period_labels names {sorted(unknown)}, which are not periods")
    if any(rate.currency == document.currency for rate in document.rates):
        raise ValueError(f"rates: {document.currency} is the model's own currency; drop its rate")


def _check_phases(document: "ModelDocument") -> None:
    owners: tuple[Driver | Row, ...] = (*document.drivers, *document.rows)
    phases = {phase for owner in owners for phase in (owner.phase_in, owner.phase_out) if phase is not None}
    if len(phases) > MAX_PHASES:
        message = f"the model has {len(phases)} different phases; there may be {MAX_PHASES}: give them to drivers, or share them"
        raise ValueError(message)


def check_row(document: "ModelDocument", row: Row, drivers: set[str], rows: dict[str, Row]) -> None:
    """Raise ValueError, beginning with the row, for what does not fit the rest of the model."""
    try:
        _check_row(document, row, drivers)
        _check_features(document, row, rows)
    except UnitError as error:
        raise ValueError(f"row {row.key}: {error}") from error


def _check_row(document: "ModelDocument", row: Row, drivers: set[str]) -> None:
    if row.driver is not None and row.driver not in drivers:
        raise ValueError(f"row {row.key}: there is no driver '{row.driver}'{did_you_mean(row.driver, drivers)}")
    if row.role is not None and row.unit != document.currency:
        hint = _conversion_hint(document, row.unit)
        raise ValueError(f"row {row.key}: a {row.role} is money, so its unit must be {document.currency}, not {row.unit}{hint}")
    parse_unit(row.unit, document.conventions.months_per_period)
    _check_figures(document, row)
    if row.distribution is not None:
        try:
            row.distribution.check_periods(len(document.periods))
        except ValueError as error:
            raise ValueError(f"row {row.key}: distribution: {error}") from error


def _check_figures(document: "ModelDocument", row: Row) -> None:
    for name in ("values", "low", "high"):
        figures: tuple[Decimal, ...] | None = getattr(row, name)
        if figures is not None and len(figures) != len(document.periods):
            raise ValueError(f"row {row.key}: {name} has {len(figures)} figures for {len(document.periods)} periods")
    for index, period in enumerate(document.periods):
        low, base, high = (None if figures is None else figures[index] for figures in (row.low, row.values, row.high))
        if base is not None and ((low is not None and low > base) or (high is not None and high < base)):
            raise ValueError(f"row {row.key}, period {period}: low <= base <= high does not hold ({low}, {base}, {high})")


def _conversion_hint(document: "ModelDocument", unit: str) -> str:
    if len(unit) == 3 and unit.isupper():
        return f"; write unit: {document.currency} and convert: {unit}, and rates: {{{unit}: {{date: 2026-03-31}}}}"
    return ""


def _check_features(document: "ModelDocument", row: Row, rows: dict[str, Row]) -> None:
    if row.convert is not None:
        _check_conversion(document, row, row.convert)
    for name, share in (("attribution", row.attribution), ("probability", row.probability)):
        if isinstance(share, str):
            _check_share(document, row, name, share, rows)
    _check_adjusting(document, row, rows)
    if row.escalation is not None:
        if isinstance(row.escalation.rate, str):
            _check_share(document, row, "escalation", row.escalation.rate, rows)
        _check_periods(document, row, "escalation", [row.escalation.since] if row.escalation.since else [])
    if row.timing is not None:
        _check_periods(document, row, "timing", row.timing.periods)
        first, last = (document.periods.index(key) if key else None for key in (row.timing.first, row.timing.last))
        if first is not None and last is not None and last < first:
            raise ValueError(
                f"row {row.key}: timing: the last period {row.timing.last} comes before the first {row.timing.first}"
            )


def _check_conversion(document: "ModelDocument", row: Row, currency: str) -> None:
    if currency == document.currency:
        raise ValueError(f"row {row.key}: convert: {currency} is the model's own currency; drop it")
    if currency not in {rate.currency for rate in document.rates}:
        example = f"rates: {{{currency}: {{date: 2026-03-31}}}}"
        raise ValueError(
            f"row {row.key}: the model has no rate for {currency}; write {example}, or a rate of your own with a source"
        )
    powers = dict(parse_unit(row.unit, document.conventions.months_per_period).powers)
    if powers.get(document.currency) != 1:
        message = f"what is converted comes out in {document.currency}, so the unit has {document.currency} in it, not {row.unit}"
        raise ValueError(f"row {row.key}: {message}")


def _check_share(document: "ModelDocument", row: Row, name: str, key: str, rows: dict[str, Row]) -> None:
    if key not in rows:
        hint = did_you_mean(key, rows) or "; write a figure such as 60%, or a row's key"
        raise ValueError(f"row {row.key}: {name} names '{key}', which is no row{hint}")
    if key == row.key:
        raise ValueError(f"row {row.key}: {name} names the row itself; write a figure such as 60%, or another row's key")
    if parse_unit(rows[key].unit, document.conventions.months_per_period) != PLAIN:
        raise ValueError(
            f"row {row.key}: {name} is a fraction, so the row {key} must have the unit percent, not {rows[key].unit}"
        )


def _check_adjusting(document: "ModelDocument", row: Row, rows: dict[str, Row]) -> None:
    key = row.risk_adjusted_by
    if key is None:
        return
    if row.role != "benefit":
        raise ValueError(f"row {row.key}: risk_adjusted_by is for benefits; give the row role: benefit, or drop it")
    _check_share(document, row, "risk_adjusted_by", key, rows)
    if rows[key].values is None:
        raise ValueError(f"row {row.key}: risk_adjusted_by names {key}, which is computed; name the row with the figure itself")


def _check_periods(document: "ModelDocument", row: Row, name: str, periods: Iterable[str]) -> None:
    for period in periods:
        if period not in document.periods:
            hint = did_you_mean(period, document.periods) or f"; there are {_some(document.periods)}"
            raise ValueError(f"row {row.key}: {name} names '{period}', which is no period{hint}")


def _check_overlaps(document: "ModelDocument", rows: dict[str, Row]) -> None:
    counted = {driver.key: driver.counted for driver in document.drivers}
    taken: dict[str, str] = {}
    for overlap in document.overlaps:
        where = f"overlap {overlap.key}"
        for key in overlap.rows:
            if key not in rows:
                raise ValueError(f"{where}: there is no row '{key}'{did_you_mean(key, rows)}")
            if rows[key].role != "benefit":
                raise ValueError(f"{where}: {key} is no benefit, so it counts nowhere; name rows with role: benefit")
            if not counted.get(rows[key].driver or "", True):
                raise ValueError(f"{where}: the driver of {key} is not counted, so it cannot count twice; take the row out")
            if key in taken:
                raise ValueError(f"{where}: {key} is in the overlap {taken[key]} already; put all that overlap into one group")
            taken[key] = overlap.key
        if overlap.cap is not None:
            _check_cap(document, where, overlap.cap, rows)


def _check_cap(document: "ModelDocument", where: str, cap: str, rows: dict[str, Row]) -> None:
    if cap not in rows:
        raise ValueError(f"{where}: there is no row '{cap}' to cap it{did_you_mean(cap, rows)}")
    if rows[cap].unit != document.currency:
        raise ValueError(f"{where}: the cap {cap} must be money in {document.currency}, not {rows[cap].unit}")


def _check_scenarios(document: "ModelDocument", rows: dict[str, Row]) -> None:
    known = {scenario.key: scenario for scenario in document.scenarios}
    for scenario in document.scenarios:
        where = f"scenario {scenario.key}"
        _check_changed(document, scenario.changes, where, rows)
        passed, on = [scenario.key], scenario.on
        while on not in ENDS:
            if on not in known:
                hint = did_you_mean(on, [*ENDS, *known])
                raise ValueError(f"{where}: there is no scenario '{on}' to build on{hint}")
            if on in passed:
                raise ValueError(
                    f"{where}: scenarios build on each other in a circle: {' -> '.join([*passed, on])}; let one be on base"
                )
            passed.append(on)
            on = known[on].on


def _check_alternatives(document: "ModelDocument", rows: dict[str, Row]) -> None:
    drivers = {driver.key for driver in document.drivers}
    for alternative in document.alternatives:
        where = f"alternative {alternative.key}"
        _check_changed(document, alternative.changes, where, rows)
        together = {**rows, **{row.key: row for row in alternative.rows}}
        if len(together) < len(rows) + len(alternative.rows):
            twin = next(row.key for row in alternative.rows if row.key in rows)
            raise ValueError(f"{where}: the model has a row '{twin}' already; change that one, or give yours another key")
        for row in alternative.rows:
            try:
                check_row(document, row, drivers, together)
            except ValueError as error:
                raise ValueError(f"{where}, {error}") from error


def _check_changed(document: "ModelDocument", changes: Iterable[Change], where: str, rows: dict[str, Row]) -> None:
    periods = len(document.periods)
    for change in changes:
        if change.row not in rows:
            raise ValueError(f"{where}: there is no row '{change.row}' to change{did_you_mean(change.row, rows)}")
        if change.values is not None and len(change.values) not in {1, periods}:
            message = f"values has {len(change.values)} figures for {periods} periods; give one, or one per period"
            raise ValueError(f"{where}, row {change.row}: {message}")


def _some(keys: tuple[str, ...]) -> str:
    return ", ".join(keys) if len(keys) <= 12 else f"{', '.join(keys[:6])}, ... {keys[-1]}"
