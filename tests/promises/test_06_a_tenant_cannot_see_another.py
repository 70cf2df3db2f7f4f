"""Promise 6: not by guessing ids, not through a task or a socket, not with raw SQL (tests/tenants/test_isolation.py)."""

from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.layers import channel_layers
from django.conf import settings
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from kernel.audit.models import AuditRecord
from kernel.events import subscriptions
from kernel.events.envelope import Envelope
from kernel.events.relay import relay_once
from kernel.events.subscriptions import subscribes
from kernel.processes.models import Process
from kernel.schemas import current_schema
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant, User
from tests.factories.sockets import Socket
from tests.factories.workflows import effects, started, states, step_of
from tests.promises.addresses import addresses_of_everything
from valuefabric.services.customers import customer_create
from workflows.models import Execution, Step
from workflows.tasks import run_step

MEMBERS = {"acme": "sam@acme.example", "globex": "charlie@globex.example"}


def test_a_task_works_in_the_tenant_that_it_names_and_not_where_its_worker_was(committed: Tenant) -> None:
    with tenant_context(committed):
        run = started()
        step = step_of(run, "a")
        assert run_step.apply(kwargs={"schema_name": "globex", "step_id": step.pk}).get() is False
        assert (states(run)["a"], effects()) == ("ready", [])
    with schema_context("globex"):
        assert run_step.apply(kwargs={"schema_name": "acme", "step_id": step.pk}).get() is True
        assert not AuditRecord.objects.exists()
    with tenant_context(committed):
        # The worker goes on with the steps that follow, in the same tenant.
        assert (states(run)["a"], effects()) == ("completed", ["do a", "do b", "do c"])


def test_a_subscriber_works_as_the_tenant_whose_event_it_is(committed: Tenant) -> None:
    seen: list[str] = []

    def look(_event: Envelope) -> None:
        seen.append(current_schema())

    with tenant_context(committed):
        owner = User.objects.get(email="sam@acme.example")
        customer_create(name="Composite organization", currency="USD", actor=SYSTEM_ACTOR, owner=owner)
    subscribes("value.customer.created", name="test.look")(look)
    try:
        relay_once(None)
    finally:
        del subscriptions._subscriptions["test.look"]
    assert seen == ["acme"]


def test_guessed_ids_answer_404_on_every_page_and_resource(finished: Execution, client_for: Callable[..., Client]) -> None:
    addresses = addresses_of_everything(finished)
    with schema_context("public"):
        globex = Tenant.objects.get(schema_name="globex")
        charlie = User.objects.get(email="charlie@globex.example")
        sam, acme = User.objects.get(email="sam@acme.example"), Tenant.objects.get(schema_name="acme")
    own, other = client_for(sam, acme), client_for(charlie, globex)

    assert len(addresses) >= 15
    for address in addresses:
        assert own.get(address).status_code == 200, address
        assert other.get(address).status_code == 404, address


def test_a_task_sent_for_another_tenants_step_finds_nothing(finished: Execution) -> None:
    step = finished.steps.get(key="target")
    assert run_step.apply(kwargs={"schema_name": "globex", "step_id": step.pk}).get() is False
    with schema_context("globex"):
        assert not Step.objects.exists()
    step.refresh_from_db()
    assert step.state == "completed"


def test_unknown_host_is_served_nothing(finished: Execution) -> None:
    for path in ("/", "/api/v1/customers/", "/accounts/login/"):
        assert Client(headers={"host": "nobody.localhost"}).get(path).status_code == 404


def test_socket_of_another_tenants_process_is_closed(finished: Execution, client_for: Callable[..., Client]) -> None:
    pid = Process.objects.first().pid
    with schema_context("public"):
        people = {name: User.objects.get(email=email) for name, email in MEMBERS.items()}
        tenants = {name: Tenant.objects.get(schema_name=name) for name in MEMBERS}
    keys = {name: client_for(people[name], tenants[name]).cookies[settings.SESSION_COOKIE_NAME].value for name in MEMBERS}

    assert _socket_answer(pid, host="acme", key=keys["acme"]) == "websocket.accept"
    assert _socket_answer(pid, host="globex", key=keys["globex"]) == "websocket.close"
    assert _socket_answer(pid, host="acme", key=keys["globex"]) == "websocket.close"
    assert _socket_answer(pid, host="nobody", key=keys["acme"]) == "websocket.close"


def _socket_answer(pid: object, *, host: str, key: str) -> str:
    from vos.asgi import application  # needs the settings' channel layer, not this file's other tests

    headers = [
        (b"host", f"{host}.localhost:8001".encode()),
        (b"origin", f"http://{host}.localhost:8000".encode()),
        (b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode()),
    ]

    async def story() -> str:
        socket = Socket(application, f"/ws/processes/{pid}/", headers)
        accepted = await socket.connect() == 0
        await (socket.leave() if accepted else socket.wait())
        for layer in list(channel_layers.backends.values()):
            await layer.flush()
        channel_layers.backends.clear()
        return "websocket.accept" if accepted else "websocket.close"

    return str(async_to_sync(story)())


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=False)
async def test_socket_of_an_unknown_host_is_closed() -> None:
    from vos.asgi import application

    assert await _answer(application, b"nobody.localhost:8001", b"http://nobody.localhost:8000") == "websocket.close"


async def _answer(application: object, host: bytes, origin: bytes) -> str:
    scope = {
        "type": "websocket",
        "path": "/ws/processes/00000000-0000-0000-0000-000000000000/",
        "headers": [(b"host", host), (b"origin", origin)],
        "query_string": b"",
        "subprotocols": [],
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    return str((await communicator.receive_output(10))["type"])


def test_processes_of_another_tenant_are_not_there(finished: Execution) -> None:
    pid = Process.objects.first().pid
    with tenant_context(Tenant(schema_name="globex", name="Globex")):
        assert not Process.objects.filter(pid=pid).exists()
