"""The list of customers as a file, read batch by batch."""

import csv
from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone

from valuefabric.models import Customer
from valuefabric.selectors.overview import standings
from vos.web.presenters.customers import CSV_COLUMNS, csv_rows

_BATCH = 500
_BOM = "\ufeff"  # without it a spreadsheet takes the file for its own code page


class _Echo:
    """What csv writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def customers_csv(found: QuerySet[Customer]) -> HttpResponse:
    """The customers as an attachment."""
    name = f"customers-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    # Not streamed: what is sent after the view returned would be read outside of the tenant's schema.
    return HttpResponse("".join(_lines(found)), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(found: QuerySet[Customer]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield _BOM + writer.writerow(CSV_COLUMNS)
    rows = found.iterator(chunk_size=_BATCH)
    while batch := list(islice(rows, _BATCH)):
        yield from (writer.writerow(row) for row in csv_rows(standings(batch)))
