"""The socket of a process: in order, without gaps, after a reconnect too, and only for those who may look."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import channel_layers
from django.conf import settings
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from kernel.processes.models import Process
from kernel.processes.services import process_event, process_run, process_start
from tenants.models import Membership, Tenant, User
from tests.factories.sockets import Socket
from tests.factories.tenants import PEOPLE

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def process(committed: Tenant) -> Process:
    """A running process of Acme with four events."""
    with tenant_context(committed):
        process = process_run(process=process_start(agent="agent:target@1.0.0", inputs={}, actor="user:1", subject="customer:1"))
        for number in (1, 2):
            process_event(process=process, kind="finding", data={"text": f"Finding {number}"})
    return process


@pytest.fixture
def session(committed: Tenant, client_for: Callable[..., Client]) -> Callable[..., str]:
    """``session("sam")`` is the value of a logged-in person's cookie."""

    def make(person: str, schema: str = "acme") -> str:
        with schema_context("public"):
            user, tenant = User.objects.get(email=PEOPLE[person].email), Tenant.objects.get(schema_name=schema)
        return client_for(user, tenant).cookies[settings.SESSION_COOKIE_NAME].value

    return make


def _headers(key: str, host: str, origin: str) -> list[tuple[bytes, bytes]]:
    cookie = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode())] if key else []
    sent = [(b"origin", origin.encode())] if origin else []
    return [(b"host", host.encode()), *sent, *cookie]


@asynccontextmanager
async def _socket(
    pid: object, key: str, *, query: str = "", host: str = "acme.localhost:8001", origin: str = "http://acme.localhost:8000"
) -> AsyncIterator[tuple[Socket, int]]:
    """An open socket and 0, or a refused one and its code."""
    from vos.asgi import application

    socket = Socket(application, f"/ws/processes/{pid}/{query}", _headers(key, host, origin))
    code = await socket.connect()
    try:
        yield socket, code
    finally:
        if code == 0:
            await socket.leave()
        else:
            await socket.wait()


def _play(story: Callable[[], Awaitable[Any]]) -> Any:
    """Run a story with sockets; database calls run in this thread, on this thread's connection."""

    async def whole() -> Any:
        try:
            return await story()
        finally:
            for layer in list(channel_layers.backends.values()):
                await layer.flush()
            channel_layers.backends.clear()

    return async_to_sync(whole)()


async def _numbers(socket: Socket, count: int) -> list[int]:
    return [(await socket.hear())["number"] for _ in range(count)]


def test_a_socket_tells_everything_and_then_what_is_new(process: Process, session: Callable[..., str]) -> None:
    key = session("sam")

    async def story() -> tuple[list[int], dict[str, Any]]:
        async with _socket(process.pk, key) as (socket, code):
            assert code == 0
            numbers = await _numbers(socket, 4)
            await _say(process, "More")
            return numbers, await socket.hear()

    numbers, new = _play(story)
    assert numbers == [1, 2, 3, 4]
    assert (new["number"], new["kind"], new["text"]) == (5, "finding", "More")


def test_after_a_reconnect_a_client_gets_what_it_missed_and_nothing_twice(process: Process, session: Callable[..., str]) -> None:
    key = session("sam")

    async def story() -> list[int]:
        async with _socket(process.pk, key) as (socket, _code):
            await _numbers(socket, 4)
        await _say(process, "While away")
        async with _socket(process.pk, key, query="?after=4") as (socket, _code):
            await _say(process, "Back again")
            return await _numbers(socket, 2)

    assert _play(story) == [5, 6]


def test_a_client_that_lost_the_notice_may_ask(process: Process, session: Callable[..., str]) -> None:
    from kernel.processes.notify import set_notifier

    key = session("sam")

    async def story() -> list[int]:
        async with _socket(process.pk, key, query="?after=4") as (socket, _code):
            await _say(process, "Unheard")
            assert await socket.receive_nothing(0.1)
            await socket.say({"ask": "new"})
            return await _numbers(socket, 1)

    set_notifier(lambda *_lost: None)
    try:
        assert _play(story) == [5]
    finally:
        set_notifier(None)


@pytest.mark.parametrize("query", ["?after=abc", "?after=-1", "?after=", "?before=3", "?after=%00", "?after=²"])
def test_a_strange_after_begins_at_the_beginning(query: str, process: Process, session: Callable[..., str]) -> None:
    key = session("vera")

    async def story() -> list[int]:
        async with _socket(process.pk, key, query=query) as (socket, _code):
            return await _numbers(socket, 1)

    assert _play(story) == [1]


def _refusal(*arguments: object, **more: str) -> int:
    async def story() -> int:
        async with _socket(*arguments, **more) as (_refused, code):
            return code

    code: int = _play(story)
    return code


def test_a_process_that_there_is_not_is_refused(committed: Tenant, session: Callable[..., str]) -> None:
    assert _refusal(UNKNOWN, session("sam")) == 4404


def test_another_tenants_process_is_as_unknown(process: Process, session: Callable[..., str]) -> None:
    key = session("charlie", "globex")
    there = {"host": "globex.localhost:8001", "origin": "http://globex.localhost:8000"}
    assert _refusal(process.pk, key, **there) == 4404


def test_another_tenants_session_is_nobody_here(process: Process, session: Callable[..., str]) -> None:
    assert _refusal(process.pk, session("charlie", "globex")) == 4403


def test_without_a_session_nobody_listens(process: Process) -> None:
    assert _refusal(process.pk, "") == 4403


@pytest.mark.parametrize("key", ["x" * 32, "../../etc/passwd", "a;b=c"])
def test_an_invented_session_is_nobody(key: str, process: Process) -> None:
    assert _refusal(process.pk, key) == 4403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://globex.localhost:8000", "null", "", "http://acme.localhost.evil.example"]
)
def test_a_page_of_another_host_may_not_open_a_socket(origin: str, process: Process, session: Callable[..., str]) -> None:
    assert _refusal(process.pk, session("sam"), origin=origin) == 4403


def test_a_person_who_is_no_member_any_more_is_refused(process: Process, session: Callable[..., str]) -> None:
    key = session("vera")
    with schema_context("public"):
        membership = Membership.objects.get(user__email=PEOPLE["vera"].email)
        membership.delete()
    try:
        assert _refusal(process.pk, key) == 4403
    finally:
        with schema_context("public"):
            membership.pk = None
            membership.save()


async def _say(process: Process, text: str) -> None:
    def say() -> None:
        with schema_context("acme"):
            process_event(process=process, kind="finding", data={"text": text})

    await sync_to_async(say)()
