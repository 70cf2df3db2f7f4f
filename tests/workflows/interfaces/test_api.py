"""REST of runs."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.models import Tenant, User
from tests.factories.workflows import FAULTS, drive, effects, started, states
from workflows.models import Execution
from workflows.steps.protocol import StepTerminal

type ClientFor = Callable[[User | None, Tenant], Client]

ROOT = "/api/v1/runs/"


@pytest.fixture
def failed(acme: Tenant) -> Execution:
    """A run whose second step failed."""
    FAULTS["commit", "b"] = [StepTerminal("Broken.")]
    with tenant_context(acme):
        return drive(started(subject="case:1"))


def _post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"{ROOT}{path}", body, content_type="application/json")


def test_api_lists_and_shows_runs(failed: Execution, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    (row,) = client.get(ROOT).json()["results"]
    assert (row["id"], row["state"], row["steps_done"], row["steps_total"]) == (str(failed.public_id), "failed", 1, 3)
    one = client.get(f"{ROOT}{failed.public_id}/").json()
    assert [(step["key"], step["state"], step["error"]) for step in one["steps"]] == [
        ("a", "completed", ""), ("b", "failed", "Broken."), ("c", "pending", ""),
    ]  # fmt: skip
    assert one["steps"][1]["attempts"][0]["error_class"] == "StepTerminal"
    assert one["timeline"][0]["what"] == "started"
    assert client.get(f"{ROOT}?state=completed").json()["results"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_api_list_takes_the_same_number_of_queries(rows: int, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    with tenant_context(acme):
        for _row in range(rows):
            started()
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(ROOT).json()["results"]) == rows
    own = [query for query in queries if "workflows_" in query["sql"]]
    assert len(own) == 1


def test_api_starts_a_run_once_per_key(sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    body = {"definition": "lifecycle", "subject": "", "inputs": {"customer": "7"}, "key": "one"}
    first, second = _post(client, "", **body), _post(client, "", **body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["run"]["id"] == second.json()["run"]["id"]
    assert first.json()["run"]["started_by"] == f"user:{sam.pk}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"definition": "nobody"}, "There is no workflow"),
        ({"definition": "lifecycle"}, "the input 'customer' is missing"),
        ({}, "required"),
    ],
)
def test_api_refuses_to_start_what_cannot_run(
    body: dict[str, Any], words: str, sam: User, acme: Tenant, client_for: ClientFor
) -> None:
    answer = _post(client_for(sam, acme), "", **body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert words in answer.content.decode()
    with tenant_context(acme):
        assert Execution.objects.count() == 0


def test_api_retries_and_skips(failed: Execution, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    assert _post(client, f"{failed.public_id}/steps/b/retry/").json()["run"]["state"] == "running"
    with tenant_context(acme):
        assert drive(failed).state == "completed"
    again = _post(client, f"{failed.public_id}/steps/b/retry/")
    assert (again.status_code, "only a failed one can be retried" in again.content.decode()) == (409, True)
    assert _post(client, f"{failed.public_id}/steps/z/retry/").status_code == 404
    assert _post(client, f"{failed.public_id}/steps/b/skip/", reason="x").status_code == 409


def test_api_skip_needs_a_reason(failed: Execution, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    refused = _post(client, f"{failed.public_id}/steps/b/skip/", reason="")
    assert (refused.status_code, "Say why" in refused.content.decode()) == (400, True)
    skipped = _post(client, f"{failed.public_id}/steps/b/skip/", reason="By hand.", output={"said": "so"})
    assert skipped.json()["steps"][1]["state"] == "skipped"


def test_api_pauses_resumes_cancels_and_rolls_back(failed: Execution, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    assert _post(client, f"{failed.public_id}/pause/").json()["run"]["paused_at"] is not None
    assert _post(client, f"{failed.public_id}/resume/").json()["run"]["paused_at"] is None
    assert _post(client, f"{failed.public_id}/cancel/", reason="Enough.").json()["run"]["state"] == "cancelled"
    assert _post(client, f"{failed.public_id}/cancel/").status_code == 409
    assert _post(client, f"{failed.public_id}/roll-back/", reason="Undo it.").json()["run"]["state"] == "rolling_back"
    with tenant_context(acme):
        drive(failed)
        assert effects() == ["do a", "undo a"]


VERBS = ("steps/b/retry/", "steps/b/skip/", "cancel/", "roll-back/", "pause/", "resume/")


@pytest.mark.parametrize("verb", VERBS)
def test_api_steers_for_nobody_without_permission(
    verb: str, failed: Execution, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    with tenant_context(acme):
        before = states(failed)
    assert _post(client_for(bob, acme), f"{failed.public_id}/{verb}", reason="x").status_code == 403
    assert _post(client_for(None, acme), f"{failed.public_id}/{verb}", reason="x").status_code == 403
    with tenant_context(acme):
        assert states(failed) == before


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_api_of_another_tenant_knows_nothing_of_the_run(
    verb: str, failed: Execution, charlie: User, globex: Tenant, client_for: ClientFor
) -> None:
    client = client_for(charlie, globex)
    path = f"{failed.public_id}/{verb}"
    assert (_post(client, path, reason="x") if verb else client.get(ROOT + path)).status_code == 404
    assert client.get(ROOT).json()["results"] == []


def test_api_of_an_unknown_run_is_404(sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    assert client.get(f"{ROOT}{uuid.uuid4()}/").status_code == 404
    assert client.get(f"{ROOT}{'-' * 36}/").status_code == 404
