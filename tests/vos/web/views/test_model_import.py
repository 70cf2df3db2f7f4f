"""Bring your own spreadsheet, page by page: upload, report, choices, confirmation."""

import re
from collections.abc import Callable
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from valuefabric.models import Customer, Evidence, ModelVersion
from valuefabric.selectors.documents import document_of

type ClientFor = Callable[[User | None, Tenant], Client]
WORKBOOKS = Path(__file__).parents[3] / "valuefabric" / "data" / "workbooks"
FRAME = {"title": "Support case", "currency": "USD", "rate": "10 %", "target": "new", "reason": "The seller's sheet"}


def import_url(customer: Customer) -> str:
    return f"/customers/{customer.public_id}/model/import/"


def upload(client: Client, customer: Customer, name: str = "support_automation.xlsx") -> str:
    """The address of the report that an upload leads to."""
    file = SimpleUploadedFile(name, (WORKBOOKS / name).read_bytes())
    response = client.post(import_url(customer), {"file": file})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def roles_of(page: str) -> dict[str, str]:
    """What is chosen in each row's list of roles."""
    found = re.findall(r'<select name="role-(\w+)".*?</select>', page, re.DOTALL)
    chosen = re.findall(r'<select name="role-\w+".*?<option value="(\w+)" selected', page, re.DOTALL)
    return dict(zip(found, chosen, strict=True))


def test_the_page_offers_the_upload(customer: Customer, sams: Client) -> None:
    page = sams.get(import_url(customer)).content.decode()

    assert "Bring your own spreadsheet" in page
    assert 'accept=".xlsx,.yaml,.yml,.json,.md"' in page


def test_a_workbook_is_kept_and_shown_side_by_side_with_its_cells(customer: Customer, sams: Client, governed: Tenant) -> None:
    report = upload(sams, customer)

    page = sams.get(report).content.decode()

    assert "39 of 39 figures that the file had saved agree" in page
    assert "Model!C7:F7" in page
    assert "hours_saved = support_agents * hours_saved_per_agent_per_week * working_weeks_per_year * adoption" in page
    assert "taken as the yearly discount rate, 10 %" in page.replace("Taken", "taken")
    assert roles_of(page)["subscription"] == "cost"
    with tenant_context(governed):
        assert (Evidence.objects.count(), ModelVersion.objects.count()) == (1, 0)


def test_confirming_makes_it_a_model(customer: Customer, sams: Client, governed: Tenant) -> None:
    report = upload(sams, customer)
    roles = {f"role-{key}": role for key, role in roles_of(sams.get(report).content.decode()).items()}

    response = sams.post(report, {**FRAME, **roles, "do": "confirm"})

    with tenant_context(governed):
        version = ModelVersion.objects.get()
        assert response["Location"].endswith(f"/model/?version={version.public_id}")
        assert (version.reason, document_of(version).title) == ("The seller's sheet", "Support case")
        assert document_of(version).row("subscription").role == "cost"
    assert "39 of 39 saved figures agree" in sams.get(response["Location"]).content.decode()


def test_choices_are_looked_at_before_they_are_confirmed(customer: Customer, sams: Client, governed: Tenant) -> None:
    report = upload(sams, customer)

    page = sams.post(report, {**FRAME, "rate": "20 %", "role-tool_retirement": "none", "do": "look"}).content.decode()

    assert roles_of(page)["tool_retirement"] == "none"
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 0
    sams.post(report, {**FRAME, "rate": "20 %", "role-tool_retirement": "none", "do": "confirm"})
    with tenant_context(governed):
        document = document_of(ModelVersion.objects.get())
        assert (str(document.conventions.discount_rate), document.row("tool_retirement").role) == ("0.2", None)


def test_what_is_typed_wrong_is_said_and_kept(customer: Customer, sams: Client, governed: Tenant) -> None:
    report = upload(sams, customer)

    response = sams.post(report, {**FRAME, "rate": "a tenth", "currency": "dollars", "do": "confirm"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Three letters, such as USD or EUR." in page
    assert 'value="a tenth"' in page
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 0


def test_a_second_file_can_be_the_next_version(customer: Customer, sams: Client, governed: Tenant) -> None:
    sams.post(upload(sams, customer), {**FRAME, "do": "confirm"})
    with tenant_context(governed):
        model = ModelVersion.objects.get().model

    sams.post(upload(sams, customer, "desk_roi.xlsx"), {**FRAME, "target": str(model.public_id), "do": "confirm"})

    with tenant_context(governed):
        assert list(model.versions.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_what_was_not_understood_is_shown_with_its_cell(customer: Customer, sams: Client) -> None:
    page = sams.get(upload(sams, customer, "desk_roi.xlsx")).content.decode()

    assert "ROI!B11:E11" in page
    assert "Our grammar has no function VLOOKUP." in page
    assert "figures for a formula" in page
    assert "=cmd|&#x27;/c calc&#x27;!A0" in page  # a label, shown as text


def test_a_file_without_a_model_is_refused_and_not_kept(customer: Customer, sams: Client, governed: Tenant) -> None:
    response = sams.post(import_url(customer), {"file": SimpleUploadedFile("a.xlsm", b"\xd0\xcf\x11\xe0" + b"\0" * 600)})

    page = response.content.decode()
    assert response.status_code == 422
    assert "a.xlsm was not imported" in page
    assert "old or encrypted Office file" in page
    with tenant_context(governed):
        assert Evidence.objects.count() == 0


def test_a_file_too_large_is_refused_before_it_is_read(customer: Customer, sams: Client) -> None:
    response = sams.post(import_url(customer), {"file": SimpleUploadedFile("a.xlsx", b"x" * 5_000_001)})

    assert response.status_code == 422
    assert "larger than 5 MB" in response.content.decode()


def test_who_may_only_look_and_other_tenants_get_nothing(
    client_for: ClientFor, customer: Customer, sams: Client, governed: Tenant, charlie: User, globex: Tenant
) -> None:
    report = upload(sams, customer)
    vera = client_for(User.objects.get(email=PEOPLE["vera"].email), governed)
    stranger = client_for(charlie, globex)

    assert [vera.get(url).status_code for url in (import_url(customer), report)] == [403, 403]
    assert [stranger.get(url).status_code for url in (import_url(customer), report)] == [404, 404]


def test_evidence_that_is_no_model_has_no_report(customer: Customer, sams: Client, governed: Tenant) -> None:
    sams.post(f"/customers/{customer.public_id}/evidence/new/", {"title": "Call", "text": "They pay 12 people.\n"})
    with tenant_context(governed):
        evidence = Evidence.objects.get()

    assert sams.get(f"{import_url(customer)}{evidence.public_id}/").status_code == 404


def test_the_report_asks_as_often_for_many_rows_as_for_few(customer: Customer, sams: Client) -> None:
    few, many = upload(sams, customer, "desk_roi.xlsx"), upload(sams, customer, "fleet_telematics.xlsx")
    counts = []
    for report in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert sams.get(report).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
