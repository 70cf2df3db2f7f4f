"""A realization report as a file: one figure a line, exact, so that any spreadsheet can turn it as it likes."""

import csv
from collections.abc import Iterator
from decimal import Decimal

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from valuefabric.domain.realization import AssumptionActual, DriverRealization, RealizationResult
from valuefabric.models import RealizationReport

COLUMNS = ("as_of", "synthetic", "part", "label", "period", "figure", "value", "unit")
_BOM = "\ufeff"  # without it a spreadsheet takes the file for its own code page
# What a spreadsheet would take for a formula when it opens the file.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_TO_DATE = ("committed_to_date", "actual_to_date", "attainment_pct", "committed_term", "forecast_term", "forecast_pct")

type Line = tuple[str, str, str, str, Decimal | None, str]


def realization_csv(report: RealizationReport, result: RealizationResult) -> HttpResponse:
    """The report as an attachment."""
    disposition = content_disposition_header(as_attachment=True, filename=f"realization-{report.as_of:%Y-%m-%d}.csv")
    headers = {"Content-Disposition": disposition or "attachment", "Cache-Control": "no-store"}
    response = HttpResponse(_BOM, content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    stamp = (report.as_of.isoformat(), "yes" if report.synthetic else "no")
    for part, label, period, figure, value, unit in lines_of(result):
        shown = "" if value is None else f"{value:f}"
        writer.writerow([*stamp, inert(part), inert(label), inert(period), figure, shown, inert(unit)])
    return response


def lines_of(result: RealizationResult) -> Iterator[Line]:
    """Every figure of the report: the whole, the drivers and their variance, the assumptions, the months."""
    for name in _TO_DATE:
        yield "whole", "", "", name, getattr(result, name), _unit(name, result.currency)
    for driver in result.drivers:
        if driver.counted:
            yield from _driver(driver, result.currency)
    for row in result.assumptions:
        yield from _assumption(row)
    for point in result.timeline:
        yield "timeline", "", point.month, "committed_running_total", point.committed, result.currency
        yield "timeline", "", point.month, "actual_running_total", point.actual, result.currency


def inert(text: str) -> str:
    """Words that a spreadsheet does not compute."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _unit(name: str, currency: str) -> str:
    return "percent points" if name.endswith("_pct") else currency


def _driver(driver: DriverRealization, currency: str) -> Iterator[Line]:
    for name in _TO_DATE:
        yield driver.key, driver.label, "", name, getattr(driver, name), _unit(name, currency)
    for part in driver.variance:
        yield driver.key, part.label, "", "variance", part.amount, currency


def _assumption(row: AssumptionActual) -> Iterator[Line]:
    yield row.row, row.label, "", "mean_of_last_three_months", row.recent, row.unit
    yield row.row, row.label, "", "change_a_month", row.slope_per_month, row.unit
    for index, (committed, measured, forecast) in enumerate(zip(row.committed, row.actual, row.forecast, strict=True), start=1):
        yield row.row, row.label, str(index), "committed", committed, row.unit
        yield row.row, row.label, str(index), "measured", measured, row.unit
        yield row.row, row.label, str(index), "forecast", forecast, row.unit
