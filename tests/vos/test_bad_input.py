"""What comes in bad, by every door: a clear answer, and nothing half-stored. One test for each item of the list.

Postgres restarted in the middle: tests/vos/demo/test_restarts.py. Valkey flushed:
tests/promises/test_04_postgres_is_the_truth.py. A model that answers nonsense:
tests/promises/test_02_models_propose_code_computes.py. Prompt injection: tests/promises/test_10_*.py.
"""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from approvals.models import Vote
from approvals.services import policy_default_for
from kernel.actors import SYSTEM
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import case_make, customer_make, honest_draft, model_make, published_document, stamped_case
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.domain.evidence import DEFAULT_LIMITS
from valuefabric.governance.services import packs_load, rule_set_load
from valuefabric.models import BusinessCase, CaseLink, Customer, Evidence, ModelVersion, TelemetryPoint, ValueModel
from valuefabric.services.cases import case_draft
from valuefabric.services.commitments import case_submit
from valuefabric.services.links import case_link_create, case_link_token
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import model_save

JSON = "application/json"
EVIL_LABELS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", '=HYPERLINK("http://evil.example","click")']


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


MALFORMED = {
    "empty.csv": b"",
    "empty.md": b"   \n",
    "ragged.csv": b"driver,unit,y1\nrevenue,USD,1\nmargin,percent,1,9\n",
    "unclosed.csv": b'driver,unit\n"revenue,USD\n',
    "cut.json": b'{"account": {"name": "Comp',
    "twice.json": b'{"a": 1, "a": 2}',
    "infinite.json": b'{"a": NaN}',
    "deep.json": b"[" * 100_000 + b"]" * 100_000,
    "binary.md": b"MZ\x90\x00\x03\x00\x00\x00\x04",
    "binary.csv": bytes(range(256)),
    "no_workbook.xlsx": b"PK\x03\x04 and then nothing",
    "bomb.xlsx": _zip({"xl/worksheets/sheet1.xml": b"0" * 60_000_000, "[Content_Types].xml": b"<x/>"}),
    "entities.xlsx": _zip({"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'}),
    "program.exe": b"MZ\x90\x00\x03\x00\x00\x00\x04\x00",
}
# A name says nothing: what is text is kept as text, shown escaped and given out as a file, never as a page.
TEXT_UNDER_ANOTHER_NAME = {
    "page.html": b"<script>alert(1)</script>",
    "drawing.svg": b"<svg onload='alert(1)'/>",
    "words.xlsx": b"Only words.",
}

HOSTILE_FORMULAS = {
    "attribute": "().__class__.__bases__",
    "call": "__import__('os').system('id')",
    "subscript": "A1[0]",
    "exponent": "9 ** 9 ** 9 ** 9",
    "exponent of a row": "A1 ** 999999999",
    "deep nesting": "(" * 5_000 + "A1" + ")" * 5_000,
    "a million terms": "+".join(["A1"] * 1_000_000),
    "lambda": "(lambda: A1)()",
    "unknown name": "A1 * salary",
    "itself": "At + 1",
    "division by zero": "A1 / 0",
    "string": "'a' * 99999999",
    "walrus": "(x := A1)",
    "null byte": "A1\x00+1",
}


@pytest.fixture(scope="module", autouse=True)
def governed(acme: Tenant) -> None:
    """Packs and rules are loaded."""
    packs_load(actor=SYSTEM)
    rule_set_load(actor=SYSTEM)


@pytest.fixture(scope="module")
def model(acme: Tenant, kept_customer: Customer, seller: Actor) -> ValueModel:
    """The published model."""
    with tenant_context(acme):
        return model_make(kept_customer, seller).model


@pytest.fixture(scope="module")
def case(acme: Tenant, governed: None, seller: Actor) -> BusinessCase:
    """A stamped case, of a customer of its own."""
    with tenant_context(acme):
        return stamped_case(customer_make(seller, name="Who has a case"), seller)


@pytest.fixture
def sams(client_for: Callable[..., Client], sam: User, acme: Tenant) -> Client:
    """Sam's browser and program."""
    return client_for(sam, acme)


def _count(acme: Tenant, rows: QuerySet) -> int:
    with tenant_context(acme):
        return rows.count()


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_file_over_rest_is_a_problem_and_stores_nothing(
    name: str, sams: Client, customer: Customer, acme: Tenant
) -> None:
    file = SimpleUploadedFile(name, MALFORMED[name])
    answer = sams.post("/api/v1/evidence/", {"customer": str(customer.public_id), "file": file})
    assert answer.status_code in (400, 413, 415, 422), (name, answer.status_code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert "Traceback" not in answer.content.decode()
    assert _count(acme, Evidence.objects.filter(customer=customer)) == 0


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_file_on_the_page_is_told_and_stores_nothing(name: str, sams: Client, customer: Customer, acme: Tenant) -> None:
    file = SimpleUploadedFile(name, MALFORMED[name])
    answer = sams.post(f"/customers/{customer.public_id}/evidence/new/", {"file": file, "title": "kept words"})
    page = answer.content.decode()
    assert answer.status_code == 422, (name, answer.status_code)
    assert "kept words" in page
    assert 'role="alert"' in page or "aria-invalid" in page
    assert _count(acme, Evidence.objects.filter(customer=customer)) == 0


@pytest.mark.parametrize("name", TEXT_UNDER_ANOTHER_NAME)
def test_a_page_that_is_sent_as_evidence_never_runs(name: str, sams: Client, customer: Customer, acme: Tenant) -> None:
    content = TEXT_UNDER_ANOTHER_NAME[name]
    shown = sams.post(f"/customers/{customer.public_id}/evidence/new/", {"file": SimpleUploadedFile(name, content)})["location"]
    page, file = sams.get(shown), sams.get(f"{shown}file/")
    assert content.decode() not in page.content.decode() or b"<" not in content
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert not file.headers["Content-Type"].startswith(("text/html", "image/svg"))
    assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_too_large_a_file_is_refused_by_both_doors(sams: Client, customer: Customer, acme: Tenant) -> None:
    content = b"a" * (DEFAULT_LIMITS.file_bytes + 1)
    rest = sams.post("/api/v1/evidence/", {"customer": str(customer.public_id), "file": SimpleUploadedFile("a.txt", content)})
    page = sams.post(f"/customers/{customer.public_id}/evidence/new/", {"file": SimpleUploadedFile("a.txt", content)})
    assert (rest.status_code in (400, 413), page.status_code in (413, 422)) == (True, True)
    assert _count(acme, Evidence.objects.filter(customer=customer)) == 0


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"text"', "{" * 5000, '{"customer": 1}', '{"customer": "x", "points": {}}']
)
def test_malformed_json_over_rest_is_a_problem(body: str, sams: Client, customer: Customer, acme: Tenant) -> None:
    answer = sams.post("/api/v1/telemetry/", body, content_type=JSON)
    assert answer.status_code in (400, 404), answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert _count(acme, TelemetryPoint.objects.all()) == 0


@pytest.mark.parametrize("name", HOSTILE_FORMULAS)
def test_hostile_formula_over_rest_is_a_problem_and_saves_nothing(
    name: str, sams: Client, model: ValueModel, acme: Tenant
) -> None:
    edit = {"version": 1, "reason": "x", "formula": HOSTILE_FORMULAS[name]}
    answer = sams.patch(f"/api/v1/models/{model.public_id}/rows/At/", json.dumps(edit), content_type=JSON)
    assert answer.status_code in (400, 413), (name, answer.status_code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.content) < 20_000
    assert _count(acme, ModelVersion.objects.filter(model=model)) == 1


def test_workbook_with_formula_injection_is_text_from_end_to_end(sams: Client, acme: Tenant, seller: Actor) -> None:
    """Hostile names go in as a customer, a model, a case and come out, through the page, as words and never as formulas."""
    with tenant_context(acme):
        hostile = customer_make(seller, name=EVIL_LABELS[0])
        model_make(hostile, seller)
        document = published_document()
        rows = [row.model_copy(update={"label": EVIL_LABELS[4], "note": EVIL_LABELS[1]}) for row in document.rows]
        drivers = [driver.model_copy(update={"label": EVIL_LABELS[3]}) for driver in document.drivers]
        bent = document.model_copy(update={"id": "bent", "title": EVIL_LABELS[2], "rows": tuple(rows), "drivers": tuple(drivers)})
        version = model_save(customer=hostile, document=bent, reason="bent", actor=seller)
        case_draft(customer=hostile, model_version=version, draft=honest_draft(title=EVIL_LABELS[0]), actor=seller)
    answer = sams.get(f"/customers/{hostile.public_id}/case/workbook/")

    assert answer.status_code == 200
    assert "cmd|" not in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert formulas
    assert not [formula for formula in formulas if "cmd" in formula or "HYPERLINK" in formula or formula in EVIL_LABELS]
    assert {str(cell.value) for cell in cells if cell.data_type == "s"} >= {EVIL_LABELS[4], EVIL_LABELS[3]}


@pytest.fixture
def link(as_made: None, acme: Tenant, seller: Actor, case: BusinessCase) -> CaseLink:
    """A link to a stamped case."""
    with tenant_context(acme):
        return case_link_create(case=case, actor=seller)


@pytest.fixture
def visitor(client_for: Callable[..., Client], acme: Tenant) -> Client:
    """Somebody without an account."""
    return client_for(None, acme)


def _address(acme: Tenant, link: CaseLink) -> str:
    with tenant_context(acme):
        return f"/shared/{case_link_token(link)}/"


def test_expired_link_shows_nothing_of_the_case(acme: Tenant, link: CaseLink, visitor: Client) -> None:
    address = _address(acme, link)
    assert visitor.get(address).status_code == 200
    with tenant_context(acme):
        past = timezone.now() - timedelta(seconds=1)
        CaseLink.objects.update(expires_at=past, created_at=past - timedelta(days=1))
    for path in ("", "workbook/", "?a.A4=90"):
        answer = visitor.get(address + path)
        assert answer.status_code == 410, path
        assert "10,041,989" not in answer.content.decode()
    with tenant_context(acme):
        assert CaseLink.objects.get().opened_count == 1


@pytest.mark.parametrize(
    "change", [lambda t: t[:-2] + "xx", lambda t: t + "x", lambda t: "x", lambda t: t.swapcase(), lambda t: "%00"]
)
def test_forged_link_is_not_there(change: Callable[[str], str], acme: Tenant, link: CaseLink, visitor: Client) -> None:
    token = _address(acme, link).split("/")[2]
    for path in ("", "workbook/"):
        assert visitor.get(f"/shared/{change(token)}/{path}").status_code == 404


def test_link_of_another_tenant_is_not_there(
    acme: Tenant, globex: Tenant, link: CaseLink, client_for: Callable[..., Client]
) -> None:
    assert client_for(None, globex).get(_address(acme, link)).status_code == 404


def test_replayed_approval_counts_once(
    acme: Tenant, seller: Actor, case: BusinessCase, bob: User, client_for: Callable[..., Client]
) -> None:
    with tenant_context(acme):
        policy_default_for(action="case.commit", actor=SYSTEM)
        asked = case_submit(case=case, actor=seller)
    form = {"decision": "approve", "content_hash": asked.content_hash, "reason": "fine"}
    bobs = client_for(bob, acme)
    first = bobs.post(f"/approvals/{asked.public_id}/vote/", form)
    again = bobs.post(f"/approvals/{asked.public_id}/vote/", form)
    assert (first.status_code, again.status_code) == (302, 403) or again.status_code == 409
    with tenant_context(acme):
        asked.refresh_from_db()
        assert (asked.state, Vote.objects.count()) == ("pending", 1)


def test_approval_of_a_former_version_is_refused(
    acme: Tenant, seller: Actor, case: BusinessCase, bob: User, client_for: Callable[..., Client]
) -> None:
    with tenant_context(acme):
        policy_default_for(action="case.commit", actor=SYSTEM)
        asked = case_submit(case=case, actor=seller)
        later = honest_draft(title="Later")
        case_draft(customer=case.customer, model_version=case.model_version, draft=later, actor=seller, case=case)
        assert case_review(case=BusinessCase.objects.get(), actor=seller).passed
    form = {"decision": "approve", "content_hash": asked.content_hash}
    assert client_for(bob, acme).post(f"/approvals/{asked.public_id}/vote/", form).status_code == 409
    with tenant_context(acme):
        asked.refresh_from_db()
        assert (asked.state, Vote.objects.count()) == ("void", 0)


def _ids(acme: Tenant, seller: Actor, customer: Customer) -> dict[str, Any]:
    with tenant_context(acme):
        case = case_make(customer, seller)
        return {
            "customer": customer.public_id,
            "evidence": Evidence.objects.all()[0].public_id,
            "model": case.model_version.model.public_id,
            "case": case.public_id,
        }


WRITES = [
    "customers/{customer}/evidence/new/",
    "customers/{customer}/start/",
    "customers/{customer}/telemetry/",
    "customers/{customer}/model/rows/A4/",
    "customers/{customer}/integrity/review/",
    "customers/{customer}/case/share/",
    "api/v1/cases/{case}/review/",
    "api/v1/cases/{case}/submit/",
    "api/v1/cases/{case}/links/",
]


def test_another_tenants_ids_can_be_written_to_by_no_door(
    acme: Tenant, globex: Tenant, seller: Actor, customer: Customer, charlie: User, client_for: Callable[..., Client]
) -> None:
    ids = _ids(acme, seller, customer)
    before = [_count(acme, model.objects.all()) for model in (Evidence, ModelVersion, BusinessCase, CaseLink)]
    stranger = client_for(charlie, globex)
    for path in WRITES:
        answer = stranger.post("/" + path.format(**ids), {"file": SimpleUploadedFile("a.md", b"A sentence."), "reason": "x"})
        assert answer.status_code == 404, path
    assert [_count(acme, model.objects.all()) for model in (Evidence, ModelVersion, BusinessCase, CaseLink)] == before
