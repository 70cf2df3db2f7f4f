"""Signals and classes reach the model calls of a process that wait for a slot."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from kernel.processes.models import Process
from kernel.processes.services import process_nice, process_run, process_signal, process_start, process_wait
from kernel.scheduler.admission import AdmissionQueue, Rules
from kernel.scheduler.policies import Discipline, Policy, Priority, Request
from tenants.models import Tenant

NORMAL = Request("acme", "chat", Priority.NORMAL)


@pytest.fixture
def process(in_acme: Tenant) -> Process:
    return process_run(process=process_start(agent="target@1.0.0", inputs={}, actor="user:1", subject="customer:1"))


@pytest.fixture
def queue(process: Process) -> Iterator[AdmissionQueue]:
    """One slot, taken; a normal call waits for it, and behind it a batch call of the process."""
    client = Redis.from_url(settings.REDIS_URL)
    client.set("vos:admission:epoch", "1")  # no time of grace
    rules = Rules(concurrency=1, grace_seconds=0, policy=Policy(Discipline.PRIORITY, version=1))
    queue = AdmissionQueue(client, f"waiting-calls-{process.pk}", rules)
    queue.ask("holder", NORMAL)
    queue.ask("normal", NORMAL)
    queue.ask("child", Request("acme", "night", Priority.BATCH, works=(f"process:{process.pk}",)))
    yield queue
    for ticket in ("holder", "normal", "child"):
        queue.release(ticket)
    client.close()


def test_a_process_made_urgent_takes_its_waiting_calls_along(
    process: Process, queue: AdmissionQueue, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        process_nice(process=process, priority=Priority.INTERACTIVE, actor="user:1")
    queue.release("holder")
    assert queue.ask("child", NORMAL).granted


def test_who_waits_for_a_process_lends_its_waiting_calls_their_class(
    process: Process, queue: AdmissionQueue, django_capture_on_commit_callbacks: Any
) -> None:
    person = process_run(process=process_start(agent="chat@1.0.0", inputs={}, actor="user:1", priority=Priority.INTERACTIVE))
    between = process_run(process=process_start(agent="plan@1.0.0", inputs={}, actor="user:1", parent=person))
    Process.objects.filter(pk=process.pk).update(parent=between, priority=Priority.BATCH)
    with django_capture_on_commit_callbacks(execute=True):
        process_wait(process=between, kind="child", key=str(process.pk))
        process_wait(process=person, kind="child", key=str(between.pk))
    queue.release("holder")
    assert queue.ask("child", NORMAL).granted


def test_a_stopped_process_has_its_waiting_calls_look_at_once(
    process: Process, queue: AdmissionQueue, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        process_signal(process=process, signal="stop", actor="user:1")
    assert queue._client.lpop(f"vos:admission:queue:{queue.name}:wake:child") == b"n"
    assert queue._client.lpop(f"vos:admission:queue:{queue.name}:wake:normal") is None
