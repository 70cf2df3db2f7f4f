"""Models in and out as files over REST."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tenants.utils import tenant_context
from openpyxl import load_workbook

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make
from valuefabric.domain.model import load_model
from valuefabric.models import Customer, Evidence, ModelVersion

ClientFor = Callable[[User | None, Tenant], Client]
WORKBOOKS = Path(__file__).parents[1] / "data" / "workbooks"


@pytest.fixture
def customer(seller: Actor, viewer: Actor, acme: Tenant) -> Customer:
    with tenant_context(acme):
        return customer_make(seller)


@pytest.fixture
def api(client_for: ClientFor, sam: User, acme: Tenant) -> Client:
    return client_for(sam, acme)


def send(client: Client, customer: Customer, name: str = "support_automation.xlsx", query: str = "", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, (WORKBOOKS / name).read_bytes())
    return client.post(f"/api/v1/customers/{customer.public_id}/models/import/{query}", {"file": file, **fields})


def test_a_workbook_becomes_a_model_with_its_report_in_the_answer(api: Client, customer: Customer) -> None:
    answer = send(api, customer, reason="From the seller")

    assert answer.status_code == 201
    body = answer.json()
    assert body["version"] == 1
    assert body["report"]["comparison"] == {"compared": 39, "agree": 39, "differ": []}
    (row,) = [row for row in body["report"]["rows"] if row["key"] == "hours_saved"]
    assert (row["places"], row["theirs"]) == (["Model!C7:F7"], "Assumptions!$B$5*Assumptions!$B$7*Assumptions!$B$8*C5")
    kept = api.get(f"/api/v1/models/{body['model']}/").json()
    assert kept["head"]["reason"] == "From the seller"


def test_a_dry_run_answers_the_same_and_stores_nothing(api: Client, customer: Customer, acme: Tenant) -> None:
    answer = send(api, customer, query="?dry_run=1")

    assert answer.status_code == 200
    assert answer.json()["report"]["comparison"]["agree"] == 39
    assert answer.json()["document"]["title"] == "Support automation business case"
    with tenant_context(acme):
        assert (Evidence.objects.count(), ModelVersion.objects.count()) == (0, 0)


def test_what_is_decided_is_taken(api: Client, customer: Customer) -> None:
    answer = send(
        api,
        customer,
        query="?dry_run=1",
        roles=json.dumps({"tool_retirement": "none"}),
        discount_rate="0.2",
        currency="EUR",
        title="Mine",
    )

    document = answer.json()["document"]
    assert (document["title"], document["currency"], document["conventions"]["discount_rate"]) == ("Mine", "EUR", "0.2")
    assert {row["key"]: row["role"] for row in document["rows"]}["tool_retirement"] is None


def test_a_file_without_a_model_answers_422_with_where_and_why(api: Client, customer: Customer, acme: Tenant) -> None:
    file = SimpleUploadedFile("model.xlsm", b"\xd0\xcf\x11\xe0" + b"\0" * 600)

    answer = api.post(f"/api/v1/customers/{customer.public_id}/models/import/", {"file": file})

    assert answer.status_code == 422
    assert "encrypted" in answer.json()["report"]["findings"][-1]["why"]
    with tenant_context(acme):
        assert (Evidence.objects.count(), ModelVersion.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("field", "value"), [("roles", "[]"), ("roles", '{"a": "profit"}'), ("currency", "dollars"), ("discount_rate", "-1")]
)
def test_a_choice_that_is_none_is_a_problem_of_its_field(api: Client, customer: Customer, field: str, value: str) -> None:
    answer = send(api, customer, **{field: value})

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_the_next_version_and_a_conflict(api: Client, customer: Customer) -> None:
    model = send(api, customer).json()["model"]

    second = send(api, customer, model=model, version=1, title="Second")
    late = send(api, customer, model=model, version=1, title="Third")

    assert (second.status_code, second.json()["version"]) == (201, 2)
    assert late.status_code == 409


def test_who_may_only_look_and_who_is_elsewhere_cannot_import(
    client_for: ClientFor, api: Client, customer: Customer, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    vera = client_for(User.objects.get(email=PEOPLE["vera"].email), acme)

    assert send(vera, customer).status_code == 403
    assert send(client_for(charlie, globex), customer).status_code == 404


def test_a_model_is_exported_as_yaml_value_model_and_workbook(api: Client, customer: Customer) -> None:
    model = send(api, customer).json()["model"]
    url = f"/api/v1/models/{model}/export/"

    as_yaml, as_standard, as_workbook = (api.get(url, {"format": name}) for name in ("yaml", "value-models", "xlsx"))

    assert load_model(as_yaml.content.decode()).title == "Support automation business case"
    assert json.loads(as_standard.content)["schema_version"] == "1.0.0"
    assert load_workbook(BytesIO(as_workbook.content)).sheetnames == ["Summary", "Model", "Assumptions", "Sources", "Scenarios"]
    assert as_yaml.headers["Content-Disposition"].endswith('-v1.yaml"')
    assert api.get(url).content == as_yaml.content


def test_a_format_that_is_none_and_a_model_that_a_format_cannot_say(api: Client, customer: Customer) -> None:
    model = send(api, customer, "fleet_telematics.xlsx").json()["model"]

    unknown = api.get(f"/api/v1/models/{model}/export/", {"format": "pdf"})
    monthly = api.get(f"/api/v1/models/{model}/export/", {"format": "value-models"})

    assert (unknown.status_code, monthly.status_code) == (400, 400)
    assert "counts in years" in monthly.json()["errors"]["format"][0]
    assert api.get(f"/api/v1/models/{model}/export/", {"version": "9"}).status_code == 404
