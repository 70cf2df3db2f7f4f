import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.valuefabric import DISCOVERY, case_make, customer_make, stamped_case
from valuefabric.models import BusinessCase, Customer, Evidence, TelemetryPoint


@pytest.fixture
def customer(seller: Actor, acme: Tenant) -> Customer:
    """Sam's customer; the commands find their own way into the tenant."""
    with tenant_context(acme):
        return customer_make(seller)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_evidence_is_added_once_and_listed(customer: Customer, acme: Tenant) -> None:
    place = ["--tenant", "acme", "--customer", str(customer.public_id)]
    notes = str(DISCOVERY / "call_notes.md")

    run("evidence", "add", notes, notes, *place)
    listed = run("evidence", "list", "--tenant", "acme", "--customer", "Composite organization")

    assert "call_notes.md" in listed
    with tenant_context(acme):
        assert Evidence.objects.get().added_by == "system"


def test_bad_file_names_row_and_column(customer: Customer, acme: Tenant, tmp_path: Path) -> None:
    bad = tmp_path / "drivers.csv"
    bad.write_text("driver,unit,y1\nannual_revenue,USD,1,2\n")

    with pytest.raises(CommandError, match=r"(?i)row 2"):
        run("evidence", "add", str(bad), "--tenant", "acme", "--customer", str(customer.public_id))

    with tenant_context(acme):
        assert Evidence.objects.count() == 0


@pytest.mark.parametrize(
    ("tenant", "name", "message"),
    [
        ("nowhere", "x", "no tenant 'nowhere'"),
        ("globex", "Composite organization", "is no customer"),
        ("acme", "x", "is no customer"),
    ],
)
def test_unknown_places_are_named(customer: Customer, globex: Tenant, tenant: str, name: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("evidence", "list", "--tenant", tenant, "--customer", name)


def test_telemetry_is_ingested_and_labelled(customer: Customer, acme: Tenant) -> None:
    place = ["--tenant", "acme", "--customer", str(customer.public_id)]

    said = run("telemetry", "ingest", str(DISCOVERY / "telemetry.csv"), *place)

    assert said.startswith("72 measurements added (synthetic), 0 were there already.")
    with tenant_context(acme):
        assert TelemetryPoint.objects.count() == 72


def test_stamp_of_a_case_and_of_a_file_verifies(customer: Customer, seller: Actor, acme: Tenant, tmp_path: Path) -> None:
    with tenant_context(acme):
        case = stamped_case(customer, seller)
        stamp = case.reviews.get().stamp
    file = tmp_path / "stamp.json"
    file.write_text(json.dumps(stamp))

    assert "The stamp holds" in run("stamp", "verify", "--case", str(case.public_id), "--tenant", "acme")
    assert "The stamp holds" in run("stamp", "verify", str(file))
    assert run("stamp", "key").startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("field", ["content_hash", "rule_set_hash", "signed_at", "signature", "key_id"])
def test_stamp_changed_in_one_field_does_not_verify(
    customer: Customer, seller: Actor, acme: Tenant, tmp_path: Path, field: str
) -> None:
    with tenant_context(acme):
        stamp = dict(stamped_case(customer, seller).reviews.get().stamp)
    other = "y" if stamp[field][0] == "x" else "x"
    stamp[field] = "2020-01-01T00:00:00Z" if field == "signed_at" else other + stamp[field][1:]
    file = tmp_path / "stamp.json"
    file.write_text(json.dumps(stamp))

    with pytest.raises(CommandError, match="does NOT hold"):
        run("stamp", "verify", str(file))


def test_case_without_a_stamp_does_not_verify(customer: Customer, seller: Actor, acme: Tenant) -> None:
    with tenant_context(acme):
        case = case_make(customer, seller)

    with pytest.raises(CommandError, match="no stamp for what it says now"):
        run("stamp", "verify", "--case", str(case.public_id), "--tenant", "acme")
    with pytest.raises(CommandError, match="globex has no case"):
        run("stamp", "verify", "--case", str(BusinessCase(public_id=case.public_id).public_id), "--tenant", "globex")


@pytest.mark.parametrize("arguments", [[], ["--case", "x"], ["a.json", "--case", "x", "--tenant", "acme"]])
def test_stamp_verify_says_what_it_needs(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="either a file"):
        run("stamp", "verify", *arguments)
