"""Simulations that outlast a request: the same figures as done at once, told while they run, stopped, and begun again."""

import threading
import time
from collections.abc import Callable
from unittest import mock

import pytest

from tenants.models import Tenant
from tests.factories.valuefabric import published_document
from valuefabric.domain.model import ModelDocument
from valuefabric.selectors.model_risk import risk_picture
from vos.web import simulations
from vos.web.simulations import Asked, State, simulation, simulation_stop

DOCUMENT = published_document()


@pytest.fixture
def asked(acme: Tenant, request: pytest.FixtureRequest) -> Asked:
    """A simulation that no other test asked for."""
    return Asked(f"{request.node.name}:{time.time_ns()}", 1_000, 7)


class Slow:
    """A simulation that goes on only when it is let; ``began`` is set once it runs."""

    def __init__(self) -> None:
        self.began, self.go_on = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self, document: ModelDocument, *, trials: int, seed: int, progress: Callable[[int], None] | None) -> object:
        self.times += 1
        self.began.set()
        done = 0
        while not self.go_on.wait(0.02):
            done += 1
            if progress is not None:
                progress(done)
        return risk_picture(document, trials=trials, seed=seed)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """In place of the simulation."""
    made = Slow()
    monkeypatch.setattr(simulations, "risk_picture", made)
    monkeypatch.setattr(simulations, "TELL_EVERY", 0.02)
    return made


def finished(asked: Asked) -> State:
    """The state once it runs no more."""
    return simulation(asked, lambda: DOCUMENT, wait=20, again=False)


def test_the_figures_are_those_of_a_simulation_done_at_once(asked: Asked) -> None:
    first = finished(asked)
    kept = simulation(asked, lambda: pytest.fail("it is kept"), wait=0, again=False)

    assert first.picture == kept.picture == risk_picture(DOCUMENT, trials=1_000, seed=7)


def test_what_takes_long_is_told_and_done_once_for_all_who_ask(asked: Asked, slow: Slow) -> None:
    first = simulation(asked, lambda: DOCUMENT, wait=0, again=False)
    assert slow.began.wait(10)
    second = simulation(asked, lambda: DOCUMENT, wait=0.2, again=False)
    slow.go_on.set()

    assert first.runs
    assert second.runs
    assert finished(asked).picture is not None
    assert slow.times == 1


def test_what_is_stopped_ends_is_told_so_and_begins_again_when_asked(asked: Asked, slow: Slow) -> None:
    simulation(asked, lambda: DOCUMENT, wait=0, again=False)
    assert slow.began.wait(10)
    simulation_stop(asked)

    stopped = finished(asked)
    slow.go_on.set()

    assert stopped.stopped
    assert finished(asked).stopped
    assert simulation(asked, lambda: DOCUMENT, wait=20, again=True).picture is not None


def test_a_model_without_ranges_is_answered_with_the_reason(asked: Asked) -> None:
    certain = DOCUMENT.model_copy(
        update={"rows": tuple(row.model_copy(update={"low": None, "high": None}) for row in DOCUMENT.rows)}
    )

    assert "give inputs low and high" in simulation(asked, lambda: certain, wait=20, again=False).problem


def test_work_that_died_without_a_word_is_begun_again(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulations, "ALIVE_SECONDS", 1)
    with mock.patch.object(threading.Thread, "start"):  # the process dies before its thread does anything
        assert simulation(asked, lambda: DOCUMENT, wait=0, again=False).runs
    time.sleep(1.1)

    assert finished(asked).picture is not None


def test_seeds_asked_for_faster_than_trials_are_done_pile_up_no_threads(asked: Asked, slow: Slow) -> None:
    many = [Asked(asked.content_hash, 1_000, seed) for seed in range(simulations.MOST_WAITING + 2)]
    states = [simulation(one, lambda: DOCUMENT, wait=0, again=False) for one in many]
    threads = sum(thread.name == "simulation" for thread in threading.enumerate())
    slow.go_on.set()

    assert threads <= simulations.MOST_WAITING
    assert "wait for their turn" in states[-1].problem
    assert states[0].runs
    assert finished(many[0]).picture is not None
    assert finished(many[simulations.MOST_WAITING - 2]).picture is not None


def test_without_valkey_the_figures_come_all_the_same(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    import redis

    nobody = redis.Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(simulations, "_valkey", lambda: nobody)

    assert simulation(asked, lambda: DOCUMENT, wait=0, again=False).picture == risk_picture(DOCUMENT, trials=1_000, seed=7)
