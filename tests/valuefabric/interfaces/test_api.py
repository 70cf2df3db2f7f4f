from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django_tenants.utils import tenant_context
from openpyxl import load_workbook

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import DISCOVERY, case_make, customer_make, published_document
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.evidence import DEFAULT_LIMITS
from valuefabric.domain.model import ModelDocument
from valuefabric.models import BusinessCase, Customer, Evidence, ModelVersion, TelemetryPoint
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import model_save

ClientFor = Callable[[User | None, Tenant], Client]
JSON = "application/json"


@pytest.fixture(scope="module")
def case(kept_customer: Customer, seller: Actor, acme: Tenant) -> BusinessCase:
    """A drafted case on the published model."""
    with tenant_context(acme):
        return case_make(kept_customer, seller)


@pytest.fixture
def model(case: BusinessCase) -> UUID:
    """The public id of its model."""
    return case.model_version.model.public_id


@pytest.fixture
def api(client_for: ClientFor, sam: User, acme: Tenant) -> Client:
    """Sam's client."""
    return client_for(sam, acme)


@pytest.fixture
def strangers(client_for: ClientFor, charlie: User, globex: Tenant) -> Client:
    """Charlie's client, in the other tenant."""
    return client_for(charlie, globex)


def upload(client: Client, customer: Customer, name: str, content: bytes) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/api/v1/evidence/", {"customer": str(customer.public_id), "file": file})


def test_customers_are_listed_and_found(api: Client, customer: Customer) -> None:
    listed = api.get("/api/v1/customers/").json()["results"]
    found = api.get(f"/api/v1/customers/{customer.public_id}/").json()

    assert str(customer.public_id) in [row["id"] for row in listed]
    assert (found["name"], found["owner"], found["stage"]) == ("Composite organization", "Sam Seller", "opportunity")


def test_customer_is_created_and_changed(api: Client, acme: Tenant) -> None:
    made = api.post("/api/v1/customers/", {"name": "Northwind", "currency": "EUR"}, content_type=JSON)
    changed = api.patch(f"/api/v1/customers/{made.json()['id']}/", {"country": "DE"}, content_type=JSON)

    assert (made.status_code, made.json()["currency"]) == (201, "EUR")
    assert (changed.status_code, changed.json()["country"]) == (200, "DE")


def test_bad_customer_is_a_problem_that_names_the_field(api: Client, acme: Tenant) -> None:
    answer = api.post("/api/v1/customers/", {"name": "N", "country": "de"}, content_type=JSON)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "country" in answer.json()["errors"]


def test_idempotency_key_makes_one_customer(api: Client, acme: Tenant) -> None:
    send = lambda: api.post("/api/v1/customers/", {"name": "Once"}, content_type=JSON, headers={"Idempotency-Key": "k1"})
    first, second = send(), send()

    assert first.json()["id"] == second.json()["id"]
    with tenant_context(acme):
        assert Customer.objects.filter(name="Once").count() == 1


@pytest.mark.parametrize(
    "path",
    ["customers/{customer}/", "evidence/{evidence}/", "models/{model}/", "cases/{case}/", "cases/{case}/workbook/"],
)
def test_other_tenants_ids_answer_404(
    strangers: Client, api: Client, customer: Customer, case: BusinessCase, acme: Tenant, path: str
) -> None:
    with tenant_context(acme):
        ids = {
            "customer": customer.public_id,
            "evidence": Evidence.objects.all()[0].public_id,
            "model": case.model_version.model.public_id,
            "case": case.public_id,
        }

    assert api.get(f"/api/v1/{path.format(**ids)}").status_code == 200
    assert strangers.get(f"/api/v1/{path.format(**ids)}").status_code == 404


def test_other_tenants_customer_cannot_be_written_to(strangers: Client, customer: Customer, acme: Tenant) -> None:
    evidence = upload(strangers, customer, "a.md", b"notes")
    telemetry = strangers.post("/api/v1/telemetry/", {"customer": str(customer.public_id), "points": []}, content_type=JSON)
    changed = strangers.patch(f"/api/v1/customers/{customer.public_id}/", {"name": "Taken"}, content_type=JSON)

    assert (evidence.status_code, telemetry.status_code, changed.status_code) == (404, 404, 404)
    with tenant_context(acme):
        assert customer.evidence.count() == TelemetryPoint.objects.count() == 0
        assert not Customer.objects.filter(name="Taken").exists()


def test_restricted_customer_answers_404_to_who_cannot_see_it(
    client_for: ClientFor, customer: Customer, acme: Tenant, viewer: Actor
) -> None:
    with tenant_context(acme):
        Customer.objects.update(restricted=True)
    vera = client_for(User.objects.get(email=PEOPLE["vera"].email), acme)

    assert vera.get("/api/v1/customers/").json()["results"] == []
    assert vera.get(f"/api/v1/customers/{customer.public_id}/").status_code == 404


def test_anonymous_and_viewers_are_refused(client_for: ClientFor, customer: Customer, acme: Tenant) -> None:
    vera = client_for(User.objects.get(email=PEOPLE["vera"].email), acme)

    assert client_for(None, acme).get("/api/v1/customers/").status_code == 403
    assert vera.get("/api/v1/customers/").status_code == 200
    assert vera.post("/api/v1/customers/", {"name": "N"}, content_type=JSON).status_code == 403
    assert upload(vera, customer, "a.md", b"notes").status_code == 403


@pytest.mark.parametrize("resource", ["customers", "evidence", "models", "cases"])
def test_lists_take_as_many_queries_for_three_as_for_one(
    api: Client, case: BusinessCase, seller: Actor, acme: Tenant, resource: str
) -> None:
    one = _queries(api, resource)
    with tenant_context(acme):
        for name in ("Second", "Third"):
            case_make(customer_make(seller, name=name), seller)

    assert _queries(api, resource) == one


def test_evidence_is_uploaded_once_and_read_with_its_spans(api: Client, customer: Customer) -> None:
    content = (DISCOVERY / "call_notes.md").read_bytes()

    first = upload(api, customer, "../../call_notes.md", content)
    second = upload(api, customer, "copy.md", content)
    read = api.get(f"/api/v1/evidence/{first.json()['id']}/").json()

    assert (first.status_code, first.json()["filename"], first.json()["untrusted"]) == (201, "call_notes.md", True)
    assert second.json()["id"] == first.json()["id"]
    assert read["text"].startswith("# Discovery call")
    assert read["spans"][0]["locator"]
    listed = api.get("/api/v1/evidence/", {"customer": str(customer.public_id)}).json()["results"]
    assert [set(row) & {"text", "spans"} for row in listed] == [set()]


def test_bad_sheet_is_a_problem_that_names_row_and_column(api: Client, customer: Customer, acme: Tenant) -> None:
    answer = upload(api, customer, "drivers.csv", b"driver,unit,y1\nannual_revenue,USD,1,2\n")

    assert answer.status_code == 400
    assert "row 2" in str(answer.json()).lower()
    with tenant_context(acme):
        assert customer.evidence.count() == 0


def test_oversized_upload_is_refused_before_it_is_read(api: Client, customer: Customer, acme: Tenant) -> None:
    answer = upload(api, customer, "huge.md", b"x" * (DEFAULT_LIMITS.file_bytes + 1))

    assert answer.status_code == 400
    assert "10,000,000" in str(answer.json())


def test_model_is_read_computed_and_edited(api: Client, model: UUID) -> None:
    head = api.get(f"/api/v1/models/{model}/").json()["head"]
    asked = {"scenario": "base", "overrides": {"A4": ["0.2", "0.2", "0.2"]}}
    what_if = api.post(f"/api/v1/models/{model}/compute/", asked, content_type=JSON).json()
    edit = {"version": 1, "reason": "careful", "values": ["0.2"], "low": ["0.1"]}
    edited = api.patch(f"/api/v1/models/{model}/rows/A4/", edit, content_type=JSON)

    assert head["number"] == 1
    assert next(row for row in what_if["rows"] if row["key"] == "A5")["values"] == ["0.039", "0.078", "0.078"]
    assert edited.status_code == 200, edited.json()
    changes = {(change["row"], change["period"]): (change["before"], change["after"]) for change in edited.json()["changes"]}
    assert changes["A5", "y1"] == ("0.044", "0.039")
    assert edited.json()["version"] == 2


def test_edit_of_an_old_version_is_a_conflict(api: Client, model: UUID, acme: Tenant) -> None:
    edit = {"version": 7, "reason": "late", "confidence": "low"}

    assert api.patch(f"/api/v1/models/{model}/rows/A4/", edit, content_type=JSON).status_code == 409
    with tenant_context(acme):
        assert ModelVersion.objects.count() == 1


def test_hostile_formula_is_a_problem(api: Client, model: UUID) -> None:
    edit = {"version": 1, "reason": "x", "formula": "().__class__.__bases__"}

    answer = api.patch(f"/api/v1/models/{model}/rows/A6/", edit, content_type=JSON)

    assert answer.status_code == 400
    assert "A6" in str(answer.json())


def test_formula_whose_units_do_not_fit_is_refused_when_saved(api: Client, model: UUID, acme: Tenant) -> None:
    edit = {"version": 1, "reason": "x", "formula": "A1 + A2"}

    answer = api.patch(f"/api/v1/models/{model}/rows/A6/", edit, content_type=JSON)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"] == {
        "formula": [
            "row A6, position 4: cannot add USD and a plain number; a share or a plain number is multiplied with what it is of"
        ],
        "place": {"row": "A6", "position": "4", "period": ""},
    }
    with tenant_context(acme):
        assert ModelVersion.objects.count() == 1


def test_every_scenario_of_the_model_is_computed_and_no_other(
    api: Client, case: BusinessCase, customer: Customer, seller: Actor, acme: Tenant
) -> None:
    slow = {"key": "slow", "label": "Slow start", "changes": [{"row": "A2", "factor": "0.5"}]}
    with tenant_context(acme):
        document = ModelDocument.model_validate({**published_document().model_dump(), "scenarios": [slow]})
        model_save(customer=customer, document=document, reason="what if", actor=seller, model=case.model_version.model)
        model = case.model_version.model.public_id

    def benefits(scenario: str) -> Any:
        asked = api.post(f"/api/v1/models/{model}/compute/", {"scenario": scenario}, content_type=JSON)
        return asked.json()["measures"]["pv_benefits"] if asked.status_code == 200 else (asked.status_code, asked)

    listed = [one["key"] for one in api.get(f"/api/v1/models/{model}/").json()["scenarios"]]
    status, refused = benefits("slwo")

    assert listed == ["low", "base", "high", "slow", "half_benefits"]
    assert len({benefits(key) for key in listed}) == len(listed)
    assert round(Decimal(benefits("half_benefits")) * 2, 9) == round(Decimal(benefits("expected")), 9)
    asked = api.get(f"/api/v1/models/{model}/choices/", {"delay": "6", "scenario": "slow"}).json()
    assert (asked["version"], asked["scenario"], asked["delay_moves"]["months"], asked["alternatives"]) == (2, "slow", 6, [])
    assert api.get(f"/api/v1/models/{model}/choices/", {"scenario": "slwo"}).status_code == 400
    assert (status, refused["Content-Type"]) == (400, "application/problem+json")
    assert "there is no scenario 'slwo', did you mean 'slow'" in str(refused.json()["errors"])


def test_case_is_reviewed_submitted_shared_and_exported(api: Client, case: BusinessCase, bob: User, carol: User) -> None:
    case_id = case.public_id
    reviewed = api.post(f"/api/v1/cases/{case_id}/review/").json()
    submitted = api.post(f"/api/v1/cases/{case_id}/submit/")
    shared = api.post(f"/api/v1/cases/{case_id}/links/", {"recipient": "finance"}, content_type=JSON)
    workbook = api.get(f"/api/v1/cases/{case_id}/workbook/")
    detail = api.get(f"/api/v1/cases/{case_id}/").json()

    assert reviewed["passed"] is True
    assert submitted.status_code == 201
    assert submitted.json()["content_hash"] == detail["content_hash"] == reviewed["content_hash"]
    assert (shared.status_code, ":" in shared.json()["token"]) == (201, True)
    assert load_workbook(BytesIO(workbook.content)).sheetnames[0] == "Summary"
    assert workbook.headers["Content-Disposition"] == 'attachment; filename="customer-education-v1.xlsx"'
    assert detail["review"]["stamp"]["content_hash"] == detail["content_hash"]


def test_draft_is_neither_submitted_nor_shared(api: Client, case: BusinessCase) -> None:
    assert api.post(f"/api/v1/cases/{case.public_id}/submit/").status_code == 409
    assert api.post(f"/api/v1/cases/{case.public_id}/links/", {}, content_type=JSON).status_code == 409


def test_case_is_not_written_to_over_rest(api: Client, case: BusinessCase, seller: Actor, acme: Tenant) -> None:
    with tenant_context(acme):
        case_review(case=case, actor=seller)

    for method in (api.put, api.patch, api.delete):
        assert method(f"/api/v1/cases/{case.public_id}/", {"state": "committed"}, content_type=JSON).status_code == 405
    with tenant_context(acme):
        assert BusinessCase.objects.get().state == "stamped"


def test_telemetry_comes_as_points_or_as_a_file(api: Client, customer: Customer, acme: Tenant) -> None:
    point = {"observed_at": "2027-01-28", "kpi": "logins", "value": "8.5", "unit": "percent", "source_system": "lms"}
    asked = {"customer": str(customer.public_id), "points": [point]}
    file = SimpleUploadedFile("telemetry.csv", (DISCOVERY / "telemetry.csv").read_bytes())

    points = api.post("/api/v1/telemetry/", asked, content_type=JSON)
    whole = api.post("/api/v1/telemetry/", {"customer": str(customer.public_id), "file": file})

    assert points.json() == {"added": 1, "repeated": 0, "synthetic": False, "unknown_kpis": ["logins"]}
    assert (whole.status_code, whole.json()["added"], whole.json()["synthetic"]) == (201, 72, True)
    listed = api.get("/api/v1/telemetry/", {"kpi": "logins"}).json()["results"]
    assert [row["value"] for row in listed] == ["8.5000000000"]


def test_bad_point_names_row_and_column_and_none_is_stored(api: Client, customer: Customer, acme: Tenant) -> None:
    good = {"observed_at": "2027-01-28", "kpi": "logins", "value": "8.5", "unit": "percent", "source_system": "lms"}
    asked = {"customer": str(customer.public_id), "points": [good, {**good, "value": "many"}]}

    answer = api.post("/api/v1/telemetry/", asked, content_type=JSON)

    assert answer.status_code == 400
    assert "Row 2, column value" in str(answer.json())
    with tenant_context(acme):
        assert TelemetryPoint.objects.count() == 0


def _queries(api: Client, resource: str) -> int:
    from django.test.utils import CaptureQueriesContext

    api.get(f"/api/v1/{resource}/")
    with CaptureQueriesContext(connection) as captured:
        assert api.get(f"/api/v1/{resource}/").status_code == 200
    return len(captured)
