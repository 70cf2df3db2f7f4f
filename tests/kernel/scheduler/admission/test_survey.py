"""What operators see of a queue."""

from collections.abc import Callable

import pytest
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, AdmissionUnavailable, Heard, Limits, Rules, TenantPart
from kernel.scheduler.policies import Discipline, Policy, Priority, Request

type MakeQueue = Callable[..., AdmissionQueue]


def test_an_empty_queue_is_shown_as_such(make_queue: MakeQueue) -> None:
    survey = make_queue(concurrency=3).survey()
    assert (survey.slots, survey.holding, survey.waiting, survey.median_seconds) == (3, (), (), None)
    assert (survey.longest_seconds, survey.stopped_seconds, survey.yielding) == (0.0, 0.0, 0)


def test_who_holds_and_who_waits_is_shown_by_tenant_and_class(client: Redis) -> None:
    now = [10_000_000]
    rules = Rules(concurrency=1, lease_seconds=1e6, waiter_seconds=1e6, grace_seconds=0, policy=Policy(Discipline.FAIR))
    queue = AdmissionQueue(client, "model", rules, clock=lambda: now[0], address="here")
    queue.ask("a", Request("acme", "agent:target", Priority.BATCH, 500, preemptible=True))
    queue.ask("b", Request("globex", "chat", Priority.INTERACTIVE, 100))
    now[0] += 2_000_000
    queue.ask("c", Request("acme", "agent:target", Priority.BATCH, 300))
    now[0] += 1_000_000
    survey = queue.survey()
    assert (survey.discipline, survey.longest_seconds, survey.yielding) == ("fair", 3.0, 1)
    assert survey.parts() == [TenantPart("globex", 0, 0, (1, 0, 0), 3.0), TenantPart("acme", 1, 500, (0, 0, 1), 1.0)]
    queue.release("a", used_tokens=500)
    survey = queue.survey()
    assert (survey.last_waits, survey.median_seconds) == ((1.0,), 1.0)  # even, and acme comes first by its name


def test_what_stops_the_queue_is_shown(make_queue: MakeQueue) -> None:
    queue = make_queue(limits=Limits(requests=60))
    queue.observe(Heard(pause_seconds=30))
    assert 29 < queue.survey().stopped_seconds <= 30


def test_without_valkey_the_survey_says_so() -> None:
    nowhere = AdmissionQueue(Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2), "model", Rules(concurrency=1))
    with pytest.raises(AdmissionUnavailable):
        nowhere.survey()
