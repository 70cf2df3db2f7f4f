from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tests.factories.valuefabric import DISCOVERY, tree_draft
from valuefabric.models import Customer, TelemetryPoint
from valuefabric.services.telemetry import TelemetryRefused, telemetry_ingest
from valuefabric.services.value_tree import value_tree_record

HEADER = "observed_at,kpi,value,unit,source_system\n"
GOOD = "2027-01-28T00:00:00Z,utilization,39.95,percent,lms\n"
FILE = (DISCOVERY / "telemetry.csv").read_bytes()


def ingest(customer: Customer, actor: Actor, text: str, name: str = "telemetry.csv") -> object:
    return telemetry_ingest(customer=customer, filename=name, content=text.encode(), actor=actor)


def test_the_eighteen_months_are_taken_in_and_labelled_synthetic(customer: Customer, seller: Actor) -> None:
    value_tree_record(customer=customer, draft=tree_draft(), actor=seller)

    taken = telemetry_ingest(customer=customer, filename="telemetry.csv", content=FILE, actor=seller)

    assert (taken.added, taken.repeated, taken.synthetic, taken.unknown_kpis) == (72, 0, True, ())
    first = TelemetryPoint.objects.filter(kpi="share_of_customers_offered").order_by("observed_at").first()
    assert first is not None
    assert (first.value, first.unit, first.synthetic) == (Decimal("8.63"), "percent", True)
    assert first.observed_at == datetime(2027, 1, 28, tzinfo=UTC)
    assert OutboxEvent.objects.get(topic="value.telemetry.ingested").data["added"] == 72


def test_double_ingest_adds_nothing(customer: Customer, seller: Actor) -> None:
    telemetry_ingest(customer=customer, filename="telemetry.csv", content=FILE, actor=seller)

    again = telemetry_ingest(customer=customer, filename="copy.csv", content=FILE, actor=seller)

    assert (again.added, again.repeated) == (0, 72)
    assert TelemetryPoint.objects.count() == 72
    assert OutboxEvent.objects.filter(topic="value.telemetry.ingested").count() == 1


def test_json_says_the_same(customer: Customer, seller: Actor) -> None:
    ingest(customer, seller, HEADER + GOOD)
    point = '{"observed_at": "2027-01-28", "kpi": "utilization", "value": 39.95, "unit": "percent", "source_system": "lms"}'

    assert ingest(customer, seller, f"[{point}]", "telemetry.json").repeated == 1
    assert ingest(customer, seller, f'{{"points": [{point}]}}', "telemetry.json").repeated == 1


@pytest.mark.parametrize(
    ("line", "row", "column"),
    [
        ("2027-02-31,utilization,40,percent,lms\n", 3, "observed_at"),
        ("yesterday,utilization,40,percent,lms\n", 3, "observed_at"),
        ("2027-02-28,utilization,forty,percent,lms\n", 3, "value"),
        ("2027-02-28,utilization,NaN,percent,lms\n", 3, "value"),
        ("2027-02-28,utilization,1e999,percent,lms\n", 3, "value"),
        ("2027-02-28,utilization,1.00000000001,percent,lms\n", 3, "value"),
        ("2027-02-28,=cmd(),40,percent,lms\n", 3, "kpi"),
        ("2027-02-28,utilization,40,,lms\n", 3, "unit"),
        ("2027-02-28,utilization,40,USD,lms\n", 3, "unit"),
        ("2027-02-28,utilization,40,percent,\n", 3, "source_system"),
        ("2027-01-28T00:00:00Z,utilization,41,percent,lms\n", 3, "value"),
    ],
)
def test_bad_row_names_row_and_column_and_nothing_is_stored(
    customer: Customer, seller: Actor, line: str, row: int, column: str
) -> None:
    value_tree_record(customer=customer, draft=tree_draft(), actor=seller)

    with pytest.raises(TelemetryRefused, match=f"Row {row}, column {column}") as refused:
        ingest(customer, seller, HEADER + GOOD + line)

    assert (refused.value.row, refused.value.column) == (row, column)
    assert TelemetryPoint.objects.count() == 0
    assert not OutboxEvent.objects.filter(topic="value.telemetry.ingested").exists()


def test_missing_column_is_named(customer: Customer, seller: Actor) -> None:
    with pytest.raises(TelemetryRefused, match="'unit' is missing"):
        ingest(customer, seller, "observed_at,kpi,value,source_system\n2027-01-28,utilization,40,lms\n")


@pytest.mark.parametrize("text", ['{"a": 1}', '["x"]', "just words\n"])
def test_what_is_no_table_is_refused(customer: Customer, seller: Actor, text: str) -> None:
    with pytest.raises(TelemetryRefused):
        ingest(customer, seller, text, "telemetry.txt" if text[0] == "j" else "telemetry.json")


def test_measurement_that_differs_from_the_stored_one_is_refused(customer: Customer, seller: Actor) -> None:
    ingest(customer, seller, HEADER + GOOD)

    with pytest.raises(TelemetryRefused, match=r"39\.95 percent was measured there and then already"):
        ingest(customer, seller, HEADER + GOOD.replace("39.95", "95"))

    assert TelemetryPoint.objects.get().value == Decimal("39.95")


def test_unknown_kpi_is_kept_and_named(customer: Customer, seller: Actor) -> None:
    taken = ingest(customer, seller, HEADER + GOOD.replace("utilization", "logins"))

    assert (taken.added, taken.unknown_kpis) == (1, ("logins",))


def test_measurement_edited_by_sql_is_refused_by_the_database(customer: Customer, seller: Actor) -> None:
    ingest(customer, seller, HEADER + GOOD)

    with pytest.raises(DatabaseError, match="kept as they were written"), transaction.atomic():
        TelemetryPoint.objects.update(value=99)


def test_viewer_cannot_ingest(customer: Customer, viewer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        ingest(customer, viewer, HEADER + GOOD)

    assert TelemetryPoint.objects.count() == 0
