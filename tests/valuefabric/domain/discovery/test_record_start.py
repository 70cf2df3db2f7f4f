"""When a contract begins, by the deal's expected close in the CRM record."""

import json
from datetime import date

import pytest

from valuefabric.domain.discovery.record import record_start
from valuefabric.domain.evidence import read_document


def _start(record: object) -> date | None:
    return record_start(read_document("record.json", json.dumps(record).encode()))


@pytest.mark.parametrize("record", [{"opportunity": {"close_date": "2026-12-31"}}, {"close_date": "2026-12-31"}])
def test_the_day_after_the_close(record: object) -> None:
    assert _start(record) == date(2027, 1, 1)


@pytest.mark.parametrize("close", ["soon", "2026-13-01", 20261231, None, "9999-12-31", ["2026-12-31"], {"on": "2026-12-31"}])
def test_what_is_no_date_begins_nothing(close: object) -> None:
    assert _start({"opportunity": {"close_date": close}}) is None
