"""Single flight with real threads, commits and leases: one call for all who ask, whoever dies or leaves."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context, tenant_context

from kernel.budgets.models import UsageRecord
from kernel.llm import flights
from kernel.llm.errors import ModelRefused, StreamCut
from kernel.llm.flights import Flight, Outcome
from kernel.llm.messages import Completion, Delta
from kernel.llm.models import ModelDeployment
from kernel.llm.pieces import Telling
from kernel.llm.services import complete
from kernel.llm.sharing import content_hash
from kernel.llm.valkey import client, key
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer


@pytest.fixture
def deployment(committed: Tenant, openai_server: OpenAIServer, settings: Any) -> Iterator[ModelDeployment]:
    settings.VOS_ADMISSION_GRACE_SECONDS = 0
    made = ModelDeployment.objects.create(
        name="fake", model="openai/fake", api_base=openai_server.url, max_concurrency=9, timeout_seconds=30
    )
    yield made
    with schema_context("public"):
        made.delete()


type Ask = Callable[..., Future[Completion[Any]]]


@pytest.fixture
def ask(committed: Tenant, deployment: ModelDeployment) -> Iterator[Ask]:
    """Ask in a thread of its own."""

    def call(tenant: str, **changes: Any) -> Completion[Any]:
        try:
            with schema_context("public"):
                owner = Tenant.objects.get(schema_name=tenant)
            with tenant_context(owner):
                return complete(**({"prompt": "Hello"} | changes))
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        yield lambda tenant="acme", **changes: pool.submit(call, tenant, **changes)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def following() -> int:
    """How many follow a flight that is in the air. What followed a leader that lost its lease stays on record for an hour."""
    flights = [name.decode().removeprefix(key("flight", "")) for name in client().scan_iter(key("flight", "*"))]
    return sum(client().scard(key("followers", flight)) for flight in flights)


@contextmanager
def a_leader_that_died(openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, **lease: int) -> Iterator[None]:
    """Somebody elsewhere leads the flight of “Hello”, for the rest of its lease."""
    names: list[str] = []
    seen = content_hash

    def noted(question: Any) -> str:
        name = seen(question)
        if not names:
            names.append(name)
            client().set(key("flight", f"acme:{name}"), "somebody", px=lease["lease_ms"])
        return name

    monkeypatch.setattr("kernel.llm.sharing.content_hash", noted)
    yield


def test_all_who_ask_at_once_get_one_call(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = fake.Answer("One for all", seconds=0.8)
    asked = [ask() for _ in range(8)]
    answers = [one.result() for one in asked]
    assert {answer.text for answer in answers} == {"One for all"}
    assert sorted(answer.cached for answer in answers) == [False] + [True] * 7
    assert len(openai_server.requests) == 1
    assert UsageRecord.objects.filter(cached=True).count() == 7


def test_each_tenant_has_a_flight_of_its_own(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = fake.Answer("ok", seconds=0.3)
    assert [one.result().cached for one in [ask("acme"), ask("globex")]] == [False, False]
    assert len(openai_server.requests) == 2


def test_a_leader_that_dies_is_followed_by_another(
    ask: Ask, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_leader_that_died(openai_server, monkeypatch, lease_ms=700):
        asked = [ask() for _ in range(4)]
        assert {one.result().text for one in asked} == {"ok"}
    assert len(openai_server.requests) == 1


def test_a_leader_that_fails_leaves_the_question_to_the_next(ask: Ask, openai_server: OpenAIServer) -> None:
    behaviours = iter([fake.CutStream("Half of"), fake.Answer("Whole")])
    openai_server.otherwise = lambda _: (time.sleep(0.5), next(behaviours))[1]
    first = ask(on_delta=lambda _: None)
    until(lambda: openai_server.inside == 1)
    second = ask()
    assert isinstance(first.exception(), StreamCut)
    assert (second.result().text, second.result().cached) == ("Whole", False)


def test_what_everybody_would_be_refused_is_asked_once(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = lambda _: (until(lambda: following() == 3), fake.Refuse())[1]
    asked = [ask() for _ in range(4)]
    assert {type(one.exception()) for one in asked} == {ModelRefused}
    assert len(openai_server.requests) == 1


def test_a_follower_that_leaves_does_not_end_the_leaders_call(ask: Ask, openai_server: OpenAIServer) -> None:
    gone_by = threading.Event()
    openai_server.otherwise = lambda _: (gone_by.wait(20), fake.Answer("ok"))[1]
    leader = ask()
    until(lambda: openai_server.inside == 1)
    gone = ask(interrupted=lambda: KeyError("not any more") if following() else None)
    assert isinstance(gone.exception(), KeyError)
    assert openai_server.inside == 1
    gone_by.set()
    assert leader.result().text == "ok"


def test_a_leader_that_is_interrupted_does_not_end_the_followers_wait(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("late", seconds=5))
    leader = ask(interrupted=lambda: KeyError("not any more") if following() else None)
    until(lambda: openai_server.inside == 1)
    follower = ask()
    assert isinstance(leader.exception(), KeyError)
    assert (follower.result().text, follower.result().cached) == ("ok", False)


SLOW = fake.Answer("One two three four five six.", piece_seconds=60)
"""Says its first piece, and the others when the server is told to hurry."""


def said(heard: list[Delta]) -> str:
    return "".join(delta.text for delta in list(heard) if delta.attempt == heard[-1].attempt)


def until_heard(heard: list[Delta], text: str) -> None:
    until(lambda: bool(heard) and said(heard) == text)


def test_followers_hear_the_pieces_as_they_come_whenever_they_joined(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = SLOW
    ears: list[list[Delta]] = [[], [], []]
    asked = []
    for heard in ears:
        asked.append(ask(on_delta=heard.append))
        until_heard(heard, "One two")  # the provider is still silent about the rest
    assert not any(one.done() for one in asked)
    openai_server.hurry.set()
    assert {one.result().text for one in asked} == {SLOW.text}
    assert [said(heard) for heard in ears] == [SLOW.text] * 3
    assert {delta.attempt for heard in ears for delta in heard} == {1}
    assert len(openai_server.requests) == 1


def test_a_follower_can_leave_at_any_piece(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = SLOW
    leads: list[Delta] = []
    leader = ask(on_delta=leads.append)
    until(lambda: bool(leads))
    gone = ask(on_delta=lambda _: None, interrupted=lambda: KeyError("not any more") if following() else None)
    assert isinstance(gone.exception(), KeyError)
    openai_server.hurry.set()
    assert leader.result().text == said(leads) == SLOW.text


def test_a_follower_whose_leader_dies_in_the_middle_hears_another_attempt(
    ask: Ask, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai_server.otherwise = SLOW
    openai_server.hurry.set()
    ears: list[list[Delta]] = [[], []]
    with a_leader_that_died(openai_server, monkeypatch, lease_ms=60_000):
        Telling("somebody").hear(Delta("Half of", 1))
        asked = [ask(on_delta=heard.append) for heard in ears]
        for heard in ears:
            until_heard(heard, "Half of")
        client().delete(*client().scan_iter(key("flight", "*")))  # its lease is over
        assert {one.result().text for one in asked} == {SLOW.text}
    for heard in ears:
        assert heard[0] == Delta("Half of", 1)
        assert (said(heard), heard[-1].attempt) == (SLOW.text, 2)
    assert len(openai_server.requests) == 1


def test_an_emptied_valkey_costs_followers_the_pieces_and_not_the_answer(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.otherwise = SLOW
    ears: list[list[Delta]] = [[], []]
    asked = []
    for heard in ears:
        asked.append(ask(on_delta=heard.append))
        until_heard(heard, "One two")
    client().delete(*client().scan_iter(key("pieces", "*")))
    openai_server.hurry.set()
    assert {one.result().text for one in asked} == {SLOW.text}
    assert [said(heard) for heard in ears] == [SLOW.text] * 2


def test_an_outcome_of_another_version_is_none() -> None:
    assert Outcome.unpacked(b'{"kind": "answer", "unheard_of": 1}') == Outcome("again")
    assert Outcome.unpacked(b"[]") == Outcome("again")


def test_a_lease_is_renewed_while_its_leader_works(committed: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "LEASE_MS", 1500)
    monkeypatch.setattr(flights, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(flights, "_keeper", flights._Keeper())
    flight = Flight("acme:renewed")
    assert flight.join() == "lead"
    time.sleep(2)
    assert Flight("acme:renewed").join() == "follow"
    flight.land(Outcome("again"))
    late = Flight("acme:renewed")
    assert late.join() == "lead"
    late.land(Outcome("again"))
