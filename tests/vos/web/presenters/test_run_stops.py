"""Why a run waits under an emergency stop, as its page says it."""

from collections.abc import Callable, Iterator

import pytest

from kernel.stops.services import stop_set
from kernel.stops.watch import watcher
from tenants.models import Tenant, User
from tests.factories.workflows import definition_of, drive, started
from vos.web.presenters.run_stops import run_stopped
from workflows.models import Execution

AGENT_THEN_NOTHING = "a: {kind: agent, agent: target, inputs: {}}"


@pytest.fixture
def stop(in_acme: Tenant, alice: User) -> Iterator[Callable[..., None]]:
    def make(**scope: str) -> None:
        stop_set(reason="Wrong prices.", actor=f"user:{alice.pk}", **scope)
        watcher.look()

    yield make
    watcher._forget()


def _said(run: Execution) -> str:
    run.refresh_from_db()
    return run_stopped(run, run.steps.all())


@pytest.mark.parametrize(
    ("scope", "waits"),
    [
        ({"kind": "tenant"}, True),
        ({"kind": "workflow", "key": "probe"}, True),
        ({"kind": "workflow", "key": "other"}, False),
        ({"kind": "agent", "key": "target"}, True),
        ({"kind": "agent", "key": "integrity"}, False),
    ],
)
def test_a_run_says_who_stopped_it_and_why(stop: Callable[..., None], scope: dict[str, str], waits: bool) -> None:
    run = started(definition_of(AGENT_THEN_NOTHING))
    stop(**scope)
    assert _said(run) == ("Stopped by Alice Owner because: Wrong prices." if waits else "")


def test_a_run_that_has_ended_waits_for_nothing(stop: Callable[..., None]) -> None:
    run = started()
    drive(run)
    stop(kind="tenant")
    assert _said(run) == ""
