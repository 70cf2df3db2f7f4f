"""REST of processes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from kernel.processes.models import Process
from kernel.processes.services import process_event, process_run, process_start
from tenants.models import Tenant, User

type ClientFor = Callable[[User | None, Tenant], Client]

ROOT = "/api/v1/processes/"
SIGNALS = ("pause", "resume", "stop", "kill", "nice")


def running(**changes: Any) -> Process:
    values: dict[str, Any] = {"agent": "target@1.0.0", "inputs": {"case": 7}, "actor": "user:1", "subject": "customer:1"}
    return process_run(process=process_start(**values | changes))


@pytest.fixture
def process(acme: Tenant) -> Process:
    with tenant_context(acme):
        return running()


def post(client: Client, process: Process, verb: str, **body: Any) -> Any:
    return client.post(f"{ROOT}{process.pid}/{verb}/", body, content_type="application/json")


def now(process: Process, tenant: Tenant) -> Process:
    with tenant_context(tenant):
        return Process.objects.get(pk=process.pk)


def test_api_lists_and_shows_processes(process: Process, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    (row,) = client.get(ROOT).json()["results"]
    assert (row["pid"], row["state"], row["priority"]) == (str(process.pid), "running", "normal")
    assert (row["used"]["tokens"], row["limits"]["steps"]) == (0, None)
    assert "inputs" not in row
    assert client.get(f"{ROOT}{process.pid}/").json()["inputs"] == {"case": 7}
    assert client.get(ROOT, {"state": "done"}).json()["results"] == []
    assert len(client.get(ROOT, {"alive": "true", "subject": "customer:1"}).json()["results"]) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_api_list_takes_the_same_number_of_queries(rows: int, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    with tenant_context(acme):
        for _row in range(rows):
            running()
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(ROOT).json()["results"]) == rows
    assert len([query for query in queries if "processes_" in query["sql"]]) == 1


def test_api_tells_events_after_the_last_one_seen(process: Process, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    with tenant_context(acme):
        process_event(process=process, kind="text", data={"text": "Found two drivers."})
    found = client_for(sam, acme).get(f"{ROOT}{process.pid}/events/", {"after": 2}).json()
    assert [(event["number"], event["kind"]) for event in found] == [(3, "text")]
    assert client_for(sam, acme).get(f"{ROOT}{process.pid}/events/", {"after": "x"}).status_code == 400


def test_api_pauses_resumes_and_stops(process: Process, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    assert post(client, process, "pause").json()[0]["signal"] == "pause"
    assert post(client, process, "resume").json()[0]["signal"] == ""
    assert post(client, process, "stop").status_code == 200
    assert (now(process, acme).state, now(process, acme).signal) == ("running", "stop")
    assert post(client, process, "kill").json()[0]["state"] == "killed"


def test_api_signals_a_whole_group(process: Process, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    with tenant_context(acme):
        child = running(parent=process)
    changed = post(client_for(sam, acme), process, "pause", group=True).json()
    assert {row["pid"] for row in changed} == {str(process.pid), str(child.pid)}


def test_api_gives_another_class(process: Process, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    assert post(client, process, "nice", priority="batch").json()[0]["priority"] == "batch"
    assert post(client, process, "nice", priority="royal").status_code == 400
    assert now(process, acme).priority == 2


def test_api_answers_409_where_a_signal_makes_no_sense(process: Process, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    answer = post(client, process, "resume")
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert "Only a paused process" in answer.json()["detail"]
    assert now(process, acme).state == "running"


@pytest.mark.parametrize("verb", SIGNALS)
def test_api_lets_an_approver_look_and_not_steer(
    process: Process, bob: User, acme: Tenant, client_for: ClientFor, verb: str
) -> None:
    client = client_for(bob, acme)
    assert client.get(f"{ROOT}{process.pid}/").status_code == 200
    assert post(client, process, verb, priority="batch").status_code == 403
    found = now(process, acme)
    assert (found.state, found.signal, found.priority) == ("running", "", 1)


@pytest.mark.parametrize("verb", SIGNALS)
def test_api_hides_another_tenants_processes(
    process: Process, charlie: User, globex: Tenant, acme: Tenant, client_for: ClientFor, verb: str
) -> None:
    client = client_for(charlie, globex)
    assert client.get(ROOT).json()["results"] == []
    assert client.get(f"{ROOT}{process.pid}/").status_code == 404
    assert client.get(f"{ROOT}{process.pid}/events/").status_code == 404
    assert post(client, process, verb, priority="batch").status_code == 404
    found = now(process, acme)
    assert (found.state, found.signal, found.priority) == ("running", "", 1)


def test_api_refuses_who_is_not_logged_in(process: Process, acme: Tenant, client_for: ClientFor) -> None:
    assert client_for(None, acme).get(ROOT).status_code == 403


def test_api_schema_names_every_signal(sam: User, acme: Tenant, client_for: ClientFor) -> None:
    schema = client_for(sam, acme).get("/api/v1/schema/").content.decode()
    for verb in (*SIGNALS, "events"):
        assert f"/api/v1/processes/{{pid}}/{verb}/" in schema
