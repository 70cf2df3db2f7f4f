"""A person's call beside batch streams that hold all slots, at the fake provider: who begins when, and what everybody reads."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django_tenants.utils import schema_context
from redis import Redis

from kernel.budgets.models import UsageRecord
from kernel.context.models import ContextSnapshot
from kernel.llm import preemption
from kernel.llm.messages import Completion, Delta
from kernel.llm.models import ModelDeployment, ModelGroupPolicy
from kernel.llm.queues import queue_name, queue_rules
from kernel.llm.services import complete
from kernel.processes.selectors import process_events_after
from kernel.processes.services import process_run, process_start
from kernel.scheduler.admission import AdmissionQueue
from kernel.scheduler.policies import Priority, Request
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

ROOT = Path(__file__).parents[3]
TEXT = "\n\n".join(f"{number}. Line number {number} of the report, which nobody is in a hurry to read." for number in range(12))
SLOW = fake.Answer(TEXT, piece_seconds=0.1)  # 120 pieces: 12 s if nobody says to hurry

type MakeDeployment = Callable[..., ModelDeployment]


def _answer(body: dict[str, Any]) -> fake.Answer:
    return fake.Answer("Of course.") if "person" in body["messages"][0]["content"] else SLOW


@pytest.fixture
def deployment(make_committed: MakeDeployment, openai_server: OpenAIServer) -> ModelDeployment:
    openai_server.otherwise = _answer
    return make_committed(max_concurrency=2, continues="prefix", max_output_tokens=1000, timeout_seconds=30)


@pytest.fixture
def make_committed(
    committed: Tenant, openai_server: OpenAIServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeDeployment]:
    """A deployment that threads and other processes see."""
    settings.VOS_ADMISSION_GRACE_SECONDS = 0
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 0
    client = Redis.from_url(django_settings.REDIS_URL)
    client.set("vos:admission:epoch", "1")  # no time of grace
    made: list[ModelDeployment] = []

    def make(**changes: Any) -> ModelDeployment:
        values: dict[str, Any] = {"name": "slow", "model": "openai/fake", "api_base": openai_server.url}
        made.append(ModelDeployment.objects.create(**(values | changes)))
        return made[-1]

    yield make
    connection.set_schema_to_public()
    ModelDeployment.objects.filter(pk__in=[one.pk for one in made]).delete()
    ModelGroupPolicy.objects.all().delete()
    client.close()


class Call(threading.Thread):
    """One ``complete`` in a thread of its own, in Acme."""

    def __init__(self, prompt: str, priority: Priority, process: str = "", *, shared: bool = False) -> None:
        super().__init__()
        self.prompt, self.priority, self.process, self.shared = prompt, priority, process, shared
        self.heard: list[Delta] = []
        self.answer: Completion[Any] | None = None
        self.error: Exception | None = None
        self.ended = 0.0
        self.start()

    def run(self) -> None:
        try:
            with schema_context("acme"):
                self.answer = complete(
                    prompt=self.prompt,
                    priority=self.priority,
                    process=self.process,
                    on_delta=self.heard.append,
                    shared=self.shared,
                )
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self.ended = time.monotonic()
            connection.close()

    @property
    def text(self) -> str:
        """Its answer; raises what it raised."""
        if self.answer is None:
            raise self.error or AssertionError("it has not ended")
        return self.answer.text

    @property
    def shown(self) -> str:
        """What its listener sees in the end: a piece of a higher attempt begins anew."""
        last = max((delta.attempt for delta in self.heard), default=0)
        return "".join(delta.text for delta in self.heard if delta.attempt == last)


def _until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def _two_batches() -> list[Call]:
    batches = [Call(f"batch {number}", Priority.BATCH, f"night-{number}") for number in range(2)]
    _until(lambda: all(len(batch.heard) > 5 for batch in batches))
    return batches


def _usage() -> dict[str, list[tuple[str, int, int]]]:
    """By outcome: process, tokens of prompt and of completion."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    with schema_context("acme"):
        for row in UsageRecord.objects.order_by("pk"):
            found.setdefault(row.outcome, []).append((row.process, row.prompt_tokens, row.completion_tokens))
    return found


@pytest.mark.parametrize("how", ["prefix", "final_message"])
def test_a_person_starts_before_any_batch_ends_and_nobody_sees_a_seam(
    deployment: ModelDeployment, openai_server: OpenAIServer, how: str
) -> None:
    ModelDeployment.objects.filter(pk=deployment.pk).update(continues=how)
    batches = _two_batches()
    person = Call("a person asks", Priority.INTERACTIVE)
    person.join(20)
    assert person.text == "Of course."
    assert all(batch.is_alive() for batch in batches)
    openai_server.hurry.set()
    for batch in batches:
        batch.join(20)
        assert batch.text == TEXT
        assert batch.shown == TEXT
    yielded = _usage()[preemption.KEPT]
    assert len(yielded) == 1
    with schema_context("acme"):
        snapshot = ContextSnapshot.objects.get(process=yielded[0][0])
        assert (snapshot.reason, TEXT.startswith(snapshot.partial_output)) == (preemption.GONE_ON, True)
    continued = [request.body["messages"][-1] for request in openai_server.requests if len(request.body["messages"]) > 1]
    assert [message["content"] for message in continued] == [snapshot.partial_output]


def test_a_process_whose_stream_yields_is_preempted_until_it_goes_on(
    deployment: ModelDeployment, openai_server: OpenAIServer
) -> None:
    ModelDeployment.objects.filter(pk=deployment.pk).update(max_concurrency=1)
    with schema_context("acme"):
        process = process_run(process=process_start(agent="target@1.0.0", inputs={}, actor="user:1"))
    batch = Call("batch", Priority.BATCH, str(process.pk))
    _until(lambda: len(batch.heard) > 5)
    Call("a person asks", Priority.INTERACTIVE).join(20)
    openai_server.hurry.set()
    batch.join(20)
    assert batch.text == TEXT
    with schema_context("acme"):
        states = [event.data["state"] for event in process_events_after(process.pk) if event.kind == "state"]
    assert states == ["new", "running", "preempted", "running"]


def test_who_cannot_go_on_begins_anew_once_and_its_waste_is_accounted(
    deployment: ModelDeployment, openai_server: OpenAIServer
) -> None:
    ModelDeployment.objects.filter(pk=deployment.pk).update(continues="", max_concurrency=1)
    batch = Call("batch", Priority.BATCH, "night")
    _until(lambda: len(batch.heard) > 5)
    for number in range(2):
        person = Call(f"person {number}", Priority.INTERACTIVE)
        if number == 0:
            person.join(20)
            assert batch.is_alive()
            _until(lambda: any(delta.attempt == 2 for delta in batch.heard))
        else:
            person.join(0.5)
            assert person.is_alive()  # the batch was interrupted once and is not a second time
            openai_server.hurry.set()
            person.join(20)
    batch.join(20)
    assert batch.text == batch.shown == TEXT
    wasted = _usage()[preemption.RESTARTED]
    assert [process for process, _, _ in wasted] == ["night"]
    assert wasted[0][2] > 5
    assert batch.answer is not None
    assert batch.answer.usage.completion > len(TEXT) // 4  # what was wasted is on the caller's bill


@pytest.mark.parametrize(("allowed", "continues"), [("never", "prefix"), ("continued", "")])
def test_operators_can_forbid_preemption_or_its_waste(
    deployment: ModelDeployment, openai_server: OpenAIServer, allowed: str, continues: str
) -> None:
    ModelDeployment.objects.filter(pk=deployment.pk).update(continues=continues, max_concurrency=1)
    ModelGroupPolicy.objects.create(preemption=allowed)
    batch = Call("batch", Priority.BATCH)
    _until(lambda: len(batch.heard) > 5)
    person = Call("a person", Priority.INTERACTIVE)
    person.join(0.5)
    assert person.is_alive()
    openai_server.hurry.set()
    batch.join(20)
    person.join(20)
    assert batch.text == TEXT
    assert person.ended > batch.ended
    assert set(_usage()) == {"completed"}


WORKER = """
import django
django.setup()
from django_tenants.utils import schema_context
from kernel.llm.services import complete
from kernel.scheduler.policies import Priority
with schema_context("acme"):
    complete(
        prompt="batch", priority=Priority.BATCH, process="night", shared=False,
        on_delta=lambda delta: print(delta.text, flush=True),
    )
"""


def test_a_worker_killed_after_it_yielded_is_gone_on_from_by_another(
    deployment: ModelDeployment, openai_server: OpenAIServer
) -> None:
    ModelDeployment.objects.filter(pk=deployment.pk).update(max_concurrency=1)
    deployment.refresh_from_db()
    client = Redis.from_url(django_settings.REDIS_URL)
    queue = AdmissionQueue(client, queue_name(deployment), queue_rules(deployment))
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "vos.settings", "PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], stdout=subprocess.PIPE, env=environment, cwd=ROOT, start_new_session=True
    )
    try:
        assert worker.stdout is not None
        heard = []
        while not heard or heard[-1] not in {b"0. Line\n", b""}:
            heard.append(worker.stdout.readline())
        assert heard[-1], heard
        assert not queue.ask("person", Request("acme", "chat", Priority.INTERACTIVE)).granted
        _until(lambda: queue.ask("person", Request("acme", "chat", Priority.INTERACTIVE)).granted)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()
    for dead in client.zrange(f"vos:admission:queue:{queue.name}:seen", 0, -1):
        queue.release(dead.decode())  # as happens by itself after 5 s
    queue.release("person")
    with schema_context("acme"):
        partial = ContextSnapshot.objects.get(process="night", reason=preemption.REASON).partial_output
    assert 0 < len(partial) < len(TEXT)
    openai_server.hurry.set()
    other = Call("batch", Priority.BATCH, "night")
    other.join(30)
    assert other.text == other.shown == TEXT
    assert openai_server.requests[-1].body["messages"][-1] == {"role": "assistant", "content": partial, "prefix": True}
    assert queue.occupancy() == (0, 0)
    client.close()


def test_inheritance_a_person_who_joins_a_batch_call_lends_it_their_class(
    deployment: ModelDeployment, openai_server: OpenAIServer
) -> None:
    openai_server.hurry.set()
    ModelDeployment.objects.filter(pk=deployment.pk).update(max_concurrency=1)
    deployment.refresh_from_db()
    client = Redis.from_url(django_settings.REDIS_URL)
    queue = AdmissionQueue(client, queue_name(deployment), queue_rules(deployment))
    normal = Request("acme", "chat", Priority.NORMAL)
    assert queue.ask("holder", normal).granted
    batch = Call("the same question", Priority.BATCH, shared=True)
    _until(lambda: queue.occupancy() == (1, 1))
    assert not queue.ask("normal", normal).granted
    person = Call("the same question", Priority.INTERACTIVE, shared=True)
    _until(lambda: {place.priority for place in queue.survey().waiting} == {Priority.INTERACTIVE, Priority.NORMAL})
    queue.release("holder")
    for call in (batch, person):
        call.join(20)
        assert call.text == TEXT
    assert len(openai_server.requests) == 1
    assert queue.ask("normal", normal).granted
    queue.release("normal")
    client.close()
