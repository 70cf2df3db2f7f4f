"""A stop against running streams: a real answer in pieces from the fake provider, cut within a second, kept, and gone on with."""

import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django_tenants.utils import schema_context
from redis import Redis

from kernel.budgets.models import Reservation, UsageRecord
from kernel.context.models import ContextSnapshot
from kernel.llm.models import ModelDeployment
from kernel.llm.services import complete
from kernel.processes.services import process_run, process_start
from kernel.stops import services
from kernel.stops.checks import Stopped
from kernel.stops.models import Stop
from kernel.stops.services import stop_release, stop_set
from kernel.stops.watch import watcher
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import member_add
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

TEXT = " ".join(f"{number}. A line that nobody should read to its end." for number in range(40))
STREAM = fake.Answer(TEXT, piece_seconds=0.05)  # 14 s if nobody says to hurry
SILENCE = fake.Hang(20, text="Once upon a time ")


@pytest.fixture
def deployment(committed: Tenant, openai_server: OpenAIServer, watching: None, settings: Any) -> Iterator[ModelDeployment]:
    settings.VOS_ADMISSION_GRACE_SECONDS = 0
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 0
    Redis.from_url(django_settings.REDIS_URL).set("vos:admission:epoch", "1")  # no time of grace
    made = ModelDeployment.objects.create(
        name="slow",
        model="openai/fake",
        api_base=openai_server.url,
        continues="prefix",
        max_output_tokens=1000,
        timeout_seconds=30,
    )
    yield made
    connection.set_schema_to_public()


@pytest.fixture
def owner(committed: Tenant) -> User:
    return User.objects.get(email="alice@acme.example")


class Call(Thread):
    """One ``complete`` of the agent target, in a thread of its own, in Acme."""

    def __init__(self, process: str = "", *, heard: bool = True) -> None:
        super().__init__()
        self.process, self.is_heard = process, heard
        self.heard: list[str] = []
        self.text, self.ended = "", 0.0
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            with schema_context("acme"):
                listener = (lambda delta: self.heard.append(delta.text)) if self.is_heard else None
                self.text = complete(
                    prompt="Write.", scopes=("agent:target",), process=self.process, on_delta=listener, shared=False
                ).text
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self.ended = time.monotonic()
            connection.close()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


def _stop(owner: User, **scope: str) -> tuple[Stop, float]:
    """Set it; also when it committed."""
    with schema_context("acme"):
        stop = stop_set(reason="It runs wild.", actor=f"user:{owner.pk}", **({"kind": "agent", "key": "target"} | scope))
    return stop, time.monotonic()


def _process() -> str:
    with schema_context("acme"):
        process = process_start(agent="agent:target@1.0.0", inputs={}, actor="user:1")
        return str(process_run(process=process).pk)


def _cut(call: Call, since: float) -> None:
    call.join(timeout=5)
    assert isinstance(call.error, Stopped), call.error
    assert call.ended - since < 1.0


def test_a_stream_is_cut_within_a_second_settled_kept_and_gone_on_with(
    deployment: ModelDeployment, openai_server: OpenAIServer, owner: User
) -> None:
    openai_server.otherwise = STREAM
    process = _process()
    call = Call(process)
    _until(lambda: len(call.heard) > 3)
    stop, since = _stop(owner)
    _cut(call, since)

    heard = "".join(call.heard)
    record = UsageRecord.objects.get()
    assert (record.outcome, record.estimated) == ("Stopped", True)
    assert record.completion_tokens >= len(heard) // 3
    assert not Reservation.objects.filter(state="held").exists()
    with schema_context("acme"):
        kept = ContextSnapshot.objects.get(process=process)
    assert kept.reason == "stopped"
    assert TEXT.startswith(kept.partial_output)
    assert kept.partial_output.startswith(heard)
    _until(lambda: openai_server.inside == 0)  # the provider was hung up on

    with schema_context("public"):
        member_add(
            tenant=Tenant.objects.get(schema_name="acme"),
            user=User.objects.get(name="Carol Finance"),
            role=Role.ADMIN,
            actor="system",
        )
    try:
        with schema_context("acme"):
            for name in ("Alice Owner", "Carol Finance"):
                stop_release(stop=stop, reason="Mended.", actor=f"user:{User.objects.get(name=name).pk}")
        openai_server.hurry.set()
        again = Call(process)
        again.join(timeout=10)
        assert again.text == TEXT
        assert openai_server.requests[-1].body["messages"][-1]["content"] == kept.partial_output
    finally:
        with schema_context("public"):
            member_add(
                tenant=Tenant.objects.get(schema_name="acme"),
                user=User.objects.get(name="Carol Finance"),
                role=Role.APPROVER,
                actor="system",
            )


@pytest.mark.parametrize("is_heard", [True, False], ids=["in-pieces", "fetched-whole"])
def test_a_call_whose_provider_is_silent_is_cut_within_a_second_and_counted(
    deployment: ModelDeployment, openai_server: OpenAIServer, owner: User, is_heard: bool
) -> None:
    openai_server.otherwise = SILENCE if is_heard else fake.Answer(TEXT, seconds=20)
    call = Call(heard=is_heard)
    _until(lambda: openai_server.inside == 1 and (bool(call.heard) or not is_heard))
    _, since = _stop(owner, kind="tenant", key="")
    _cut(call, since)
    assert UsageRecord.objects.get().prompt_tokens > 0  # the provider has read it, and will say so in its bill


@pytest.mark.parametrize("lost", ["message-missed", "valkey-flushed"])
def test_a_stop_holds_without_valkey(
    deployment: ModelDeployment, openai_server: OpenAIServer, owner: User, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    openai_server.otherwise = STREAM
    call = Call()
    _until(lambda: len(call.heard) > 3)
    monkeypatch.setattr(services, "nudge", lambda: None)
    if lost == "valkey-flushed":
        Redis.from_url(django_settings.REDIS_URL).flushdb()
    _, since = _stop(owner)
    _cut(call, since)


def test_a_worker_that_was_restarted_asks_nobody(deployment: ModelDeployment, openai_server: OpenAIServer, owner: User) -> None:
    _stop(owner, kind="tenant", key="")
    watcher._forget()  # as a new process begins
    call = Call()
    call.join(timeout=5)
    assert isinstance(call.error, Stopped)
    assert openai_server.requests == []
    assert not Reservation.objects.exists()


def test_another_tenants_and_another_agents_streams_go_on(
    deployment: ModelDeployment, openai_server: OpenAIServer, owner: User
) -> None:
    openai_server.otherwise = STREAM
    call = Call()
    _until(lambda: len(call.heard) > 3)
    _stop(owner, key="integrity")
    with schema_context("globex"):
        stop_set(kind="tenant", reason="Ours.", actor=f"user:{User.objects.get(name='Charlie Other').pk}")
    heard = len(call.heard)
    _until(lambda: len(call.heard) > heard + 15)  # three quarters of a second later
    openai_server.hurry.set()
    call.join(timeout=10)
    assert call.text == TEXT
