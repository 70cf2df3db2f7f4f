"""Promise 6: not by guessing ids, not through a task or a socket, not with raw SQL (tests/tenants/test_isolation.py)."""

from collections.abc import Callable

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from kernel.processes.models import Process
from tenants.models import Tenant, User
from tests.promises.addresses import addresses_of_everything
from workflows.models import Execution, Step
from workflows.tasks import run_step


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
    step = finished.steps.get(key="export")
    assert run_step.apply(kwargs={"schema_name": "globex", "step_id": step.pk}).get() is False
    with schema_context("globex"):
        assert not Step.objects.exists()
    step.refresh_from_db()
    assert step.state == "completed"


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
