"""REST of the newer verbs, of triggers, and of what keeps runs going."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.models import Tenant, User
from tests.factories.workflows import FAULTS, drive, started
from workflows.models import Execution
from workflows.steps.protocol import StepTerminal

type ClientFor = Callable[[User | None, Tenant], Client]

ROOT = "/api/v1/"
TRIGGER = {
    "title": "Each morning",
    "kind": "cron",
    "definition": "lifecycle",
    "crontab": "0 6 * * *",
    "inputs": {"customer": "7"},
}


@pytest.fixture
def failed(acme: Tenant) -> Execution:
    """A run whose second step failed."""
    FAULTS["commit", "b"] = [StepTerminal("Broken.")]
    with tenant_context(acme):
        return drive(started(subject="case:1"))


def _post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"{ROOT}{path}", body, content_type="application/json")


def test_api_overrides_forks_and_compares(failed: Execution, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client, run = client_for(sam, acme), f"runs/{failed.public_id}"
    assert _post(client, f"{run}/steps/b/override/", output={"said": "x"}).status_code == 400
    done = _post(client, f"{run}/steps/b/override/", output={"said": "x"}, reason="I know it.").json()
    assert (done["steps"][1]["state"], done["steps"][1]["overridden_by"]) == ("skipped", f"user:{sam.pk}")
    forked = _post(client, f"{run}/fork/", step="b", reason="What if?", key="1")
    assert (forked.status_code, forked.json()["run"]["forked_from"]) == (201, str(failed.public_id))
    (listed,) = client.get(f"{ROOT}{run}/forks/").json()
    compared = client.get(f"{ROOT}{run}/compare/", {"with": listed["id"]}).json()
    assert [(step["key"], step["right"]["taken_over"]) for step in compared["steps"]] == [("a", True), ("b", False), ("c", False)]
    assert _post(client, f"{run}/fork/", step="z").status_code == 400
    assert client.get(f"{ROOT}{run}/compare/", {"with": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}).status_code == 404


def test_api_gives_classes_signals_and_refuses_to_steer_nobody(
    failed: Execution, sam: User, acme: Tenant, client_for: ClientFor
) -> None:
    client, run = client_for(sam, acme), f"runs/{failed.public_id}"
    assert _post(client, f"{run}/priority/", priority="batch").json()["run"]["priority"] == "batch"
    assert _post(client, f"{run}/priority/", priority="urgent").status_code == 400
    assert _post(client, f"{run}/signals/", name="go", payload={"x": 1}, key="k").status_code == 200
    assert _post(client, f"{run}/steps/b/steer/", message="Hello").status_code == 409
    assert _post(client, f"{run}/steps/b/settle/", reason="x").status_code == 409


def test_api_lists_dead_letters_and_replays_them_once(failed: Execution, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(sam, acme)
    (letter,) = client.get(f"{ROOT}workflow-dead-letters/", {"text": "broken"}).json()
    assert (letter["run"], letter["key"], letter["error"]) == (str(failed.public_id), "b", "Broken.")
    assert client.get(f"{ROOT}workflow-dead-letters/", {"text": "other"}).json() == []
    named = [{"id": letter["id"], "attempt": letter["attempt"]}]
    outcomes = [_post(client, "workflow-dead-letters/replay/", letters=named).json()[0]["outcome"] for _time in range(2)]
    assert outcomes == ["replayed", "gone"]
    assert _post(client, "workflow-dead-letters/replay/").status_code == 400
    assert _post(client, "workflow-dead-letters/replay/", matching={"text": "broken"}).json() == []


def test_api_keeps_limits_and_breakers(alice: User, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(alice, acme)
    path = f"{ROOT}workflow-limits/lifecycle/"
    put = client.put(path, {"at_once": 1, "key": "${inputs.customer}"}, content_type="application/json")
    assert (put.status_code, put.json()["at_once"], put.json()["waiting"]) == (200, 1, 0)
    assert client.put(path, {}, content_type="application/json").status_code == 400
    assert client_for(sam, acme).delete(path).status_code == 403
    assert (client.delete(path).status_code, client.delete(path).status_code) == (204, 404)
    assert client.get(f"{ROOT}workflow-breakers/").json() == []
    assert _post(client, "workflow-breakers/agent:target/close/").status_code == 404


def test_api_makes_triggers_and_shows_a_secret_once(alice: User, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(alice, acme)
    assert _post(client_for(sam, acme), "triggers/", **TRIGGER).status_code == 403
    made = _post(client, "triggers/", **TRIGGER)
    assert (made.status_code, made.json()["secret"], made.json()["acts_as"]) == (201, "", f"user:{alice.pk}")
    hook = _post(client, "triggers/", **{**TRIGGER, "kind": "webhook", "inputs": {"customer": "${body.id}"}}).json()
    assert hook["secret"].startswith("whsec_")
    path = f"triggers/{hook['id']}"
    assert "secret" not in client.get(f"{ROOT}{path}/").json()
    assert hook["url"] == f"http://acme.localhost/hooks/{hook['id']}/"
    assert _post(client, f"{path}/rotate-secret/").json()["secret"] not in ("", hook["secret"])
    assert _post(client, f"{path}/disable/").json()["enabled"] is False
    assert _post(client, f"{path}/call/").status_code == 400
    assert _post(client, "triggers/", **{**TRIGGER, "crontab": "never"}).status_code == 400
    assert _post(client, "triggers/", **{**TRIGGER, "definition": "nobody"}).status_code == 400
    assert len(client.get(f"{ROOT}triggers/").json()["results"]) == 2


def test_api_installs_what_a_definition_says(alice: User, sam: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(alice, acme)
    assert _post(client_for(sam, acme), "workflows/send_case/install/").status_code == 403
    assert _post(client, "workflows/nothing/install/").status_code == 404
    first, second = (_post(client, "workflows/send_case/install/").json() for _time in range(2))
    assert (set(first["triggers"]), first["limited"], first) == ({"by_hand"}, False, second)
    assert client.get(f"{ROOT}triggers/{first['triggers']['by_hand']}/").json()["declared"] == "by_hand"


def test_api_backfills_and_lists_firings(alice: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(alice, acme)
    path = f"triggers/{_post(client, 'triggers/', **TRIGGER).json()['id']}"
    fired = _post(client, f"{path}/backfill/", start="2026-07-01T00:00Z", end="2026-07-03T00:00Z").json()
    assert [(one["due_at"], one["outcome"]) for one in fired] == [
        ("2026-07-01T06:00:00Z", "started"), ("2026-07-02T06:00:00Z", "started"),
    ]  # fmt: skip
    assert len(client.get(f"{ROOT}{path}/firings/").json()) == 2


@pytest.mark.parametrize("path", ["triggers/", "workflow-dead-letters/"])
def test_api_of_another_tenant_shows_nothing(
    path: str, failed: Execution, alice: User, charlie: User, acme: Tenant, globex: Tenant, client_for: ClientFor
) -> None:
    _post(client_for(alice, acme), "triggers/", **TRIGGER)
    shown = client_for(charlie, globex).get(ROOT + path).json()
    assert shown in ([], {"next": None, "previous": None, "results": []})
    assert client_for(None, acme).get(ROOT + path).status_code == 403


OWN = """\
format: vos.workflow/1
name: own
version: 1.0.0
title: Our own
inputs: {customer: {type: text}}
steps:
  look: {kind: agent, agent: integrity, inputs: {customer: "${inputs.customer}"}}
"""


def test_api_publishes_a_tenants_own_definition_and_starts_it(
    alice: User, sam: User, acme: Tenant, client_for: ClientFor
) -> None:
    client = client_for(alice, acme)
    refused = _post(client, "workflow-versions/", text=OWN.replace("kind: agent,", "kind: agnet,"))
    assert (refused.status_code, "step 'look'" in refused.content.decode()) == (400, True)
    assert _post(client_for(sam, acme), "workflow-versions/", text=OWN).status_code == 403
    saved = _post(client, "workflow-versions/", text=OWN)
    assert (saved.status_code, saved.json()["state"]) == (201, "draft")
    path = f"workflow-versions/{saved.json()['id']}"
    assert client.get(f"{ROOT}workflows/own/").status_code == 404
    assert _post(client, f"{path}/publish/").json()["state"] == "published"
    shown = client.get(f"{ROOT}workflows/own/").json()
    assert (shown["is_own"], shown["inputs"]["customer"]["type"]) == (True, "text")
    assert _post(client_for(sam, acme), "runs/", definition="own", inputs={"customer": "7"}).status_code == 201
    assert client.delete(f"{ROOT}{path}/").status_code == 400
    assert _post(client, f"{path}/retire/").json()["state"] == "retired"
    assert "own" not in [one["name"] for one in client.get(f"{ROOT}workflows/").json()]


def test_api_takes_the_examples_of_the_guide(alice: User, acme: Tenant, client_for: ClientFor) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "triggers.md").read_text()
    trigger, limit = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", guide, flags=re.DOTALL))
    client = client_for(alice, acme)
    assert _post(client, "triggers/", **trigger).status_code == 201
    assert client.put(f"{ROOT}workflow-limits/lifecycle/", limit, content_type="application/json").status_code == 200
