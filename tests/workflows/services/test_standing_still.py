"""Steps under an emergency stop: not taken, put back without a failure, and gone on with after the release."""

from collections.abc import Callable, Iterator

import pytest
from django_tenants.utils import schema_context

from kernel.scheduler.models import DueWork
from kernel.stops.checks import Stopped
from kernel.stops.holding import work_go_on
from kernel.stops.models import Stop
from kernel.stops.services import stop_release, stop_set
from kernel.stops.watch import watcher
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import member_add
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from workflows.models import Attempt, Execution
from workflows.services import step_run
from workflows.services.running import steps_run
from workflows.services.standing_still import step_names

type SetStop = Callable[..., Stop]


@pytest.fixture
def set_stop(in_acme: Tenant, alice: User) -> Iterator[SetStop]:
    """Set a stop that this process knows of at once."""

    def make(**scope: str) -> Stop:
        made = stop_set(reason="Wrong prices.", actor=f"user:{alice.pk}", **({"kind": "tenant"} | scope))
        watcher.look()
        return made

    yield make
    watcher._forget()


@pytest.fixture
def release(in_acme: Tenant, alice: User, carol: User) -> Callable[[Stop], None]:
    def by_two(stop: Stop) -> None:
        with schema_context("public"):
            member_add(tenant=in_acme, user=carol, role=Role.ADMIN, actor="system")
        for person in (alice, carol):
            stop_release(stop=stop, reason="Mended.", actor=f"user:{person.pk}")
        watcher.look()

    return by_two


def _due(execution: Execution, key: str) -> DueWork:
    return DueWork.objects.get(kind="workflows.step", reference=str(step_of(execution, key).pk))


@pytest.mark.parametrize("scope", [{}, {"kind": "workflow", "key": "probe"}], ids=["tenant", "workflow"])
def test_a_stopped_step_is_not_taken_and_goes_on_after_the_release(
    set_stop: SetStop, release: Callable[[Stop], None], scope: dict[str, str]
) -> None:
    execution = started()
    stop = set_stop(**scope)
    before = _due(execution, "a").due_at
    assert step_run(step_id=step_of(execution, "a").pk, worker="w") is False
    assert steps_run(step_id=step_of(execution, "a").pk, worker="w") is False
    assert states(execution) == {"a": "ready", "b": "pending", "c": "pending"}
    assert not Attempt.objects.exists()
    assert _due(execution, "a").due_at > before

    release(stop)
    assert work_go_on("acme") >= 1
    drive(execution)
    assert effects() == ["do a", "do b", "do c"]


def test_a_stop_in_the_middle_puts_the_step_back_and_counts_no_failure(
    set_stop: SetStop, release: Callable[[Stop], None]
) -> None:
    execution = started()
    stop = set_stop()
    watcher._forget()  # this worker heard of it only while it prepared
    FAULTS["prepare", "a"] = [Stopped(watcher.look()[0])]
    watcher._forget()
    step_run(step_id=step_of(execution, "a").pk, worker="w")

    step = step_of(execution, "a")
    assert (step.state, step.failures) == ("ready", 0)
    assert "Stopped by Alice Owner because: Wrong prices." in step.error
    assert [attempt.outcome for attempt in Attempt.objects.all()] == ["waiting"]
    assert effects() == []

    release(stop)
    drive(execution)
    assert effects() == ["do a", "do b", "do c"]
    assert step_of(execution, "a").error == ""


def test_waking_somebody_for_a_step_that_is_done_leaves_nothing_on_the_list(set_stop: SetStop) -> None:
    execution = started()
    drive(execution)
    set_stop()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    assert not DueWork.objects.exists()


def test_a_step_under_way_ends_and_what_follows_is_not_taken_with_it(set_stop: SetStop, in_acme: Tenant) -> None:
    execution = started()
    set_stop(kind="agent", key="somebody")  # any stop here: each step is asked about by itself
    assert steps_run(step_id=step_of(execution, "a").pk, worker="w") is True
    assert states(execution) == {"a": "completed", "b": "ready", "c": "pending"}


def test_another_tenants_stop_stops_nothing_here(set_stop: SetStop, in_acme: Tenant, charlie: User) -> None:
    with schema_context("globex"):
        stop_set(kind="tenant", reason="Ours.", actor=f"user:{charlie.pk}")
    watcher.look()
    execution = started()
    drive(execution)
    assert effects() == ["do a", "do b", "do c"]


def test_an_agents_step_is_known_by_its_agent_and_its_workflow(in_acme: Tenant) -> None:
    execution = started(definition_of("a: {kind: agent, agent: target, inputs: {}}"))
    assert list(step_names(step_of(execution, "a"))) == ["agent:target", "workflow:probe"]
