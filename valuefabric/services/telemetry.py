"""Taking in measurements: a whole file or none of it, each measurement once, in units that the promise can be held against."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.domain.evidence import EvidenceError, ParsedDocument, read_document
from valuefabric.models import Customer, TelemetryPoint
from valuefabric.selectors.telemetry import UnitOfKpi, units_expected
from valuefabric.services.records import record, require_access
from valuefabric.topics import TelemetryIngested

COLUMNS = ("observed_at", "kpi", "value", "unit", "source_system")
SYNTHETIC = "synthetic"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
_DECIMALS, _WHOLE_DIGITS = 10, 28
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"", "false", "no", "0"})


class TelemetryRefused(EvidenceError):
    """A file of measurements cannot be used; the message names row and column, and nothing of the file was stored."""


@dataclass(frozen=True)
class Measurement:
    """One row as it came, with its number in the file for messages."""

    row: int
    observed_at: datetime
    kpi: str
    value: Decimal
    unit: str
    source_system: str
    synthetic: bool


@dataclass(frozen=True)
class TelemetryIngest:
    """What taking in a file led to. ``unknown_kpis`` are kept, and measure nothing that was promised."""

    added: int
    repeated: int
    synthetic: bool
    unknown_kpis: tuple[str, ...]


def telemetry_ingest(*, customer: Customer, filename: str, content: bytes, actor: Actor, process: str = "") -> TelemetryIngest:
    """Store the measurements of a CSV or JSON file (columns ``observed_at, kpi, value, unit, source_system[, synthetic]``).

    Values are in spoken units (38.4 with ``percent``). A measurement that is there already with the same value is counted as
    repeated. Raises PermissionDenied, EvidenceError and TelemetryRefused.
    """
    require_access(actor, Permission.TELEMETRY_ADD, customer)
    measurements = [measurement_of(number, fields) for number, fields in _rows(read_document(filename, content))]
    return telemetry_record(customer=customer, measurements=measurements, actor=actor, process=process)


def telemetry_record(
    *, customer: Customer, measurements: Sequence[Measurement], actor: Actor, process: str = ""
) -> TelemetryIngest:
    """Store measurements that are read already. Raises PermissionDenied and TelemetryRefused."""
    require_access(actor, Permission.TELEMETRY_ADD, customer)
    expected = units_expected(customer)
    for measurement in measurements:
        _require_unit(measurement, expected)
    with transaction.atomic():
        # One at a time per customer, so that two files with the same measurement cannot both find it missing.
        Customer.objects.select_for_update().get(pk=customer.pk)
        new = _new(measurements, _present(customer, measurements))
        TelemetryPoint.objects.bulk_create([_point(customer, one, actor) for one in new], batch_size=2000)
        ingest = TelemetryIngest(
            added=len(new),
            repeated=len(measurements) - len(new),
            synthetic=any(one.synthetic for one in measurements),
            unknown_kpis=tuple(sorted({one.kpi for one in measurements} - set(expected))),
        )
        if new:
            payload = TelemetryIngested(
                customer=str(customer.public_id),
                added=ingest.added,
                repeated=ingest.repeated,
                synthetic=ingest.synthetic,
            )
            record(topic="value.telemetry.ingested", row=customer, payload=payload, actor=actor, process=process)
    return ingest


def _rows(document: ParsedDocument) -> Iterator[tuple[int, Mapping[str, object]]]:
    if document.kind == "json":
        yield from _records(document)
        return
    if not document.tables:
        raise TelemetryRefused(f"This is no table. Upload CSV or JSON with the columns {', '.join(COLUMNS)}.")
    table = document.tables[0]
    if missing := [name for name in COLUMNS if name not in table.header]:
        raise TelemetryRefused(f"Row 1: the column {missing[0]!r} is missing. Add it to the header.", row=1, column=missing[0])
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        yield number, {name: cell.text for name, cell in zip(table.header, cells, strict=True)}


def _records(document: ParsedDocument) -> Iterator[tuple[int, Mapping[str, object]]]:
    found = document.record.get("points") if isinstance(document.record, Mapping) else document.record
    if not isinstance(found, list):
        raise TelemetryRefused("The JSON must be a list of measurements, or an object with such a list under 'points'.")
    for number, entry in enumerate(found, start=1):
        if not isinstance(entry, Mapping):
            raise TelemetryRefused(f"Row {number}: this is no object with {', '.join(COLUMNS)}.", row=number)
        yield number, entry


def measurement_of(row: int, fields: Mapping[str, object]) -> Measurement:
    """One measurement out of texts. Raises TelemetryRefused naming row and column."""
    source = _text(row, fields, "source_system")
    return Measurement(
        row=row,
        observed_at=_moment(row, _text(row, fields, "observed_at")),
        kpi=_kpi(row, _text(row, fields, "kpi")),
        value=_value(row, _text(row, fields, "value")),
        unit=_text(row, fields, "unit", longest=40),
        source_system=source,
        # What calls itself synthetic is marked so, whether or not the column says it.
        synthetic=source.lower() == SYNTHETIC or _flag(row, fields.get("synthetic")),
    )


def _text(row: int, fields: Mapping[str, object], column: str, longest: int = 80) -> str:
    value = fields.get(column)
    text = "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()
    if not text:
        raise _refused(row, column, "is empty; every measurement needs it")
    if len(text) > longest:
        raise _refused(row, column, f"has more than {longest} characters")
    return text


def _moment(row: int, text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is None:
        raise _refused(row, "observed_at", f"is {text!r}; write it like 2027-01-28 or 2027-01-28T00:00:00Z")
    found = moment or datetime.combine(day or date.min, time())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _kpi(row: int, text: str) -> str:
    if not _KEY.fullmatch(text):
        raise _refused(row, "kpi", f"is {text!r}; a KPI's key has letters, digits, hyphens and underscores, a letter first")
    return text


def _value(row: int, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise _refused(row, "value", f"is {text!r}, which is not a number; write it like 38.4") from error
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or value.adjusted() >= _WHOLE_DIGITS or -exponent > _DECIMALS:
        raise _refused(row, "value", f"is {text!r}; at most {_WHOLE_DIGITS} digits before the point and {_DECIMALS} after it")
    return value


def _flag(row: int, value: object) -> bool:
    text = "" if value is None else str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise _refused(row, "synthetic", f"is {value!r}; write true or false")
    return text in _TRUE


def _refused(row: int, column: str, what: str) -> TelemetryRefused:
    return TelemetryRefused(f"Row {row}, column {column} {what}.", row=row, column=column)


def _require_unit(measurement: Measurement, expected: Mapping[str, UnitOfKpi]) -> None:
    # Refused now, because a stored measurement is never changed, and one in a wrong unit would stop every later report.
    kpi = expected.get(measurement.kpi)
    if kpi is not None and not kpi.takes(measurement.unit):
        raise _refused(measurement.row, "unit", f"is {measurement.unit!r}, but {measurement.kpi} is measured in {kpi.unit!r}")


def _present(customer: Customer, measurements: Sequence[Measurement]) -> dict[tuple[str, datetime, str], tuple[Decimal, str]]:
    if not measurements:
        return {}
    moments = [one.observed_at for one in measurements]
    rows = TelemetryPoint.objects.filter(customer=customer, observed_at__range=(min(moments), max(moments)))
    return {(row.kpi, row.observed_at, row.source_system): (row.value, row.unit) for row in rows}


def _new(measurements: Sequence[Measurement], present: dict[tuple[str, datetime, str], tuple[Decimal, str]]) -> list[Measurement]:
    new = []
    for one in measurements:
        place = (one.kpi, one.observed_at, one.source_system)
        stored = present.get(place)
        if stored is None:
            present[place] = (one.value, one.unit)
            new.append(one)
        elif stored != (one.value, one.unit):
            known = f"{stored[0].normalize():f} {stored[1]}"
            raise _refused(one.row, "value", f"is {one.value} {one.unit}, but {known} was measured there and then already")
    return new


def _point(customer: Customer, one: Measurement, actor: Actor) -> TelemetryPoint:
    return TelemetryPoint(
        customer=customer,
        kpi=one.kpi,
        observed_at=one.observed_at,
        value=one.value,
        unit=one.unit,
        source_system=one.source_system,
        synthetic=one.synthetic,
        added_by=actor.identifier,
    )
