"""Webhooks over HTTP, each guard by the attack."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from workflows.models import Execution
from workflows.triggers.models import Kind, Trigger, TriggerFiring
from workflows.triggers.services import TriggerSpec, trigger_create, trigger_enable, trigger_rotate_secret, trigger_secret
from workflows.triggers.signatures import signature_of

type ClientFor = Callable[[User | None, Tenant], Client]
type Post = Callable[..., Any]

SPEC = TriggerSpec(title="CRM", kind=Kind.WEBHOOK, definition="probe", inputs={"customer": "${body.id}"})
BODY = {"id": "7"}


@pytest.fixture
def trigger(acme: Tenant, owner: Actor) -> Trigger:
    """Acme's webhook."""
    with tenant_context(acme):
        return trigger_create(spec=SPEC, actor=owner)


@pytest.fixture
def secret(acme: Tenant, trigger: Trigger) -> str:
    """What the sender was given."""
    with tenant_context(acme):
        return trigger_secret(trigger)


@pytest.fixture
def post(acme: Tenant, trigger: Trigger, secret: str, client_for: ClientFor) -> Post:
    """Send a signed call; what is given replaces a part of it after it was signed."""

    def send(body: Any = BODY, *, delivery: str = "d1", tenant: Tenant = acme, key: str = secret, **changed: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int(timezone.now().timestamp()) - changed.pop("seconds_ago", 0))
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": stamp,
            "webhook-signature": signature_of(key, delivery=delivery, timestamp=stamp, body=raw),
        }
        content_type = changed.pop("content_type", "application/json")
        path = f"/hooks/{changed.pop('public_id', trigger.public_id)}/"
        sent = changed.pop("sent", raw)
        return client_for(None, tenant).post(path, sent, content_type=content_type, headers={**headers, **changed})

    return send


def _runs(tenant: Tenant) -> int:
    with tenant_context(tenant):
        return Execution.objects.count()


def test_signed_call_starts_a_run_once(post: Post, acme: Tenant, owner: Actor) -> None:
    first, second = post(), post()
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json() == second.json() | {"repeated": False}
    with tenant_context(acme):
        run = Execution.objects.get()
        assert (str(run.public_id), run.inputs["customer"], run.started_by) == (first.json()["run"], "7", owner.identifier)
        assert run.taint == "untrusted"  # what somebody sent is data from outside
        assert TriggerFiring.objects.get().cause == {"delivery": "d1", "bytes": 11}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"webhook-signature": "v1,AAAA"}, 401),
        ({"webhook-signature": ""}, 401),
        ({"sent": b'{"id": "8"}'}, 401),
        ({"seconds_ago": 301}, 401),
        ({"seconds_ago": -360}, 401),  # by far: a slow machine takes its time to send it
        ({"webhook-id": "d2"}, 401),
        ({"key": "whsec_AAAA"}, 401),
        ({"body": b"[1]"}, 400),
        ({"body": b"{"}, 400),
        ({"body": b'{"id": "\\u0000"}'}, 400),
        ({"body": b'{"a":' * 40 + b"1" + b"}" * 40}, 400),
        ({"content_type": "text/plain"}, 400),
        ({"body": b'{"id": "' + b"x" * 300_000 + b'"}'}, 413),
        ({"public_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, 404),
        ({"body": {"name": "nobody"}}, 422),
    ],
    ids=[
        "forged_signature", "no_signature", "tampered_body", "replayed_later", "signed_for_later", "another_id", "guessed_secret",
        "no_object", "broken_json", "nul_character", "nested_for_ever", "another_type", "oversized_body", "unknown_trigger",
        "missing_field",
    ],
)  # fmt: skip
def test_attack_starts_nothing(changed: dict[str, Any], status: int, post: Post, acme: Tenant) -> None:
    answer = post(**changed)
    assert (answer.status_code, _runs(acme)) == (status, 0)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_other_tenants_trigger_is_not_there(post: Post, acme: Tenant, globex: Tenant) -> None:
    """Charlie's host answers for Acme's trigger as for one that was never made, signed or not."""
    assert post(tenant=globex).status_code == 404
    assert (_runs(acme), _runs(globex)) == (0, 0)


def test_trigger_switched_off_is_not_there(post: Post, trigger: Trigger, acme: Tenant, owner: Actor) -> None:
    with tenant_context(acme):
        trigger_enable(trigger=trigger, enabled=False, actor=owner)
    assert (post().status_code, _runs(acme)) == (404, 0)


def test_rotated_secret_leaves_the_former_good_for_a_day(
    post: Post, secret: str, trigger: Trigger, acme: Tenant, owner: Actor
) -> None:
    with tenant_context(acme):
        new = trigger_rotate_secret(trigger=trigger, actor=owner)
    assert new != secret
    assert (post(delivery="d1").status_code, post(delivery="d2", key=new).status_code) == (202, 202)
    with tenant_context(acme):
        Trigger.objects.update(former_until=timezone.now() - timedelta(seconds=1))
    assert (post(delivery="d3").status_code, post(delivery="d4", key=new).status_code) == (401, 202)


def test_no_row_holds_the_secret(secret: str, trigger: Trigger, acme: Tenant) -> None:
    with tenant_context(acme):
        assert secret.removeprefix("whsec_") not in str(list(Trigger.objects.values()))


def test_only_posts_are_answered(trigger: Trigger, acme: Tenant, client_for: ClientFor) -> None:
    assert client_for(None, acme).get(f"/hooks/{trigger.public_id}/").status_code == 405
