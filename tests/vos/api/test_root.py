"""The REST root: default deny, problem details, idempotency keys."""

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.models import Tenant, User
from valuefabric.models import Customer
from vos.api.models import IdempotentAnswer

CUSTOMERS = "/api/v1/customers/"
BODY = {"name": "Composite organization", "currency": "USD"}


def _post(client: Client, body: dict[str, str], **headers: str) -> "object":
    return client.post(CUSTOMERS, json.dumps(body), content_type="application/json", headers=headers)


def test_anonymous_call_is_refused_as_a_problem(acme: Tenant, client_for: Callable[..., Client]) -> None:
    response = client_for(None, acme).get(CUSTOMERS)
    assert response.status_code == 403
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 403


def test_unknown_address_is_a_problem_too(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    response = client_for(sam, acme).get("/api/v1/nothing/")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_refused_fields_are_named(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    response = _post(client_for(sam, acme), {"name": ""})
    assert response.status_code == 400
    assert "name" in response.json()["errors"]


def test_same_key_writes_once_and_answers_the_same(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    client = client_for(sam, acme)
    first = _post(client, BODY, **{"Idempotency-Key": "k-1"})
    second = _post(client, BODY, **{"Idempotency-Key": "k-1"})
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second.headers["Idempotent-Replay"] == "true"
    with tenant_context(acme):
        assert Customer.objects.count() == 1


def test_same_key_for_another_body_is_refused(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    client = client_for(sam, acme)
    _post(client, BODY, **{"Idempotency-Key": "k-1"})
    response = _post(client, BODY | {"name": "Another"}, **{"Idempotency-Key": "k-1"})
    assert response.status_code == 422
    with tenant_context(acme):
        assert Customer.objects.count() == 1


def test_refused_write_keeps_no_answer(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    client = client_for(sam, acme)
    _post(client, {"name": ""}, **{"Idempotency-Key": "k-1"})
    with tenant_context(acme):
        assert not IdempotentAnswer.objects.exists()
    assert _post(client, BODY, **{"Idempotency-Key": "k-1"}).status_code == 201


def test_key_of_one_person_is_not_anothers(acme: Tenant, client_for: Callable[..., Client], sam: User, alice: User) -> None:
    _post(client_for(sam, acme), BODY, **{"Idempotency-Key": "k-1"})
    assert _post(client_for(alice, acme), BODY, **{"Idempotency-Key": "k-1"}).status_code == 201


@pytest.mark.parametrize("path", ["/api/v1/schema/"])
def test_schema_is_served_to_members(acme: Tenant, client_for: Callable[..., Client], sam: User, path: str) -> None:
    response = client_for(sam, acme).get(path)
    assert response.status_code == 200
    assert b"/api/v1/customers/" in response.content


def test_schema_says_of_each_write_its_key_and_of_each_operation_how_it_refuses(
    acme: Tenant, client_for: Callable[..., Client], sam: User
) -> None:
    schema = client_for(sam, acme).get("/api/v1/schema/?format=json").json()
    operations = [(method, operation) for path in schema["paths"].values() for method, operation in path.items()]
    keyed = [
        method
        for method, operation in operations
        if any((one["in"], one["name"]) == ("header", "Idempotency-Key") for one in operation.get("parameters", []))
    ]
    writes = [method for method, _operation in operations if method in ("post", "put", "patch", "delete")]
    assert keyed == writes != []
    refusals = [operation["responses"]["4XX"]["content"] for _method, operation in operations]
    assert {kind for content in refusals for kind in content} == {"application/problem+json"}
    assert set(schema["components"]["schemas"]["Problem"]["required"]) <= {"type", "title", "status", "detail"}


def test_the_schema_is_made_without_a_warning_and_names_each_state(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate")
    schema = capsys.readouterr().out
    for name in ("ApprovalStateEnum", "CaseStateEnum", "ProcessStateEnum", "RunStateEnum"):
        assert f"    {name}:\n" in schema
