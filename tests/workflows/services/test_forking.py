"""Forks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tenants.actors import SYSTEM_ACTOR, Actor
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from workflows.definition import InputsRefused
from workflows.models import Attempt, Execution, Step
from workflows.services import execution_roll_back
from workflows.services.forking import ForkRefused, execution_fork
from workflows.steps.protocol import StepTerminal

type Snapshot = Callable[[], tuple[Any, ...]]

pytestmark = pytest.mark.usefixtures("in_acme")

CHAIN = """
a: {kind: compute, function: test.effect, next: b}
b: {kind: compute, function: test.effect, next: c, inputs: {rate: "${inputs.rate}", from_a: "${steps.a.output.said}"}}
c: {kind: compute, function: test.effect}
"""
WAYS = """
a: {kind: branch, cases: [{when: "${inputs.rate}", equals: 1, next: b}], otherwise: c}
b: {kind: compute, function: test.effect}
c: {kind: compute, function: test.effect}
"""


def _parent(steps: str = CHAIN) -> Execution:
    return drive(started(definition_of(steps, inputs="{rate: {type: number, default: 1}}")))


def _rows(execution: Execution) -> list[Any]:
    attempts = Attempt.objects.filter(step__execution=execution).order_by("pk")
    return [
        list(Execution.objects.filter(pk=execution.pk).values()),
        list(execution.steps.order_by("pk").values()),
        list(attempts.values()),
    ]


def test_fork_does_the_step_and_what_follows_with_changed_inputs(seller: Actor) -> None:
    parent = _parent()
    fork = execution_fork(execution=parent, step="b", inputs={"rate": 2}, reason="What if?", actor=seller)
    assert states(fork) == {"a": "completed", "b": "ready", "c": "pending"}
    assert drive(fork).state == "completed"
    assert effects() == ["do a", "do b", "do c", "do b", "do c"]
    assert step_of(fork, "b").input == {"rate": 2, "from_a": "prepared a"}
    assert (fork.forked_from, fork.fork_step, fork.started_by) == (parent, "b", seller.identifier)
    assert step_of(fork, "a").taken_over.source == step_of(parent, "a")
    assert not hasattr(step_of(fork, "b"), "taken_over")


def test_fork_never_writes_into_its_parents_branch(seller: Actor) -> None:
    parent = _parent()
    before = _rows(parent)
    fork = execution_fork(execution=parent, step="b", actor=seller)
    drive(fork)
    execution_roll_back(execution=fork, reason="", actor=seller)
    assert drive(fork).state == "rolled_back"
    assert _rows(parent) == before
    assert states(fork) == {"a": "completed", "b": "compensated", "c": "compensated"}
    assert effects()[5:] == ["undo c", "undo b"]


def test_fork_mends_a_run_that_failed_and_leaves_it_failed(seller: Actor) -> None:
    FAULTS["commit", "b"] = [StepTerminal("Broken.")]
    parent = _parent()
    assert drive(execution_fork(execution=parent, step="b", actor=seller)).state == "completed"
    parent.refresh_from_db()
    assert (parent.state, states(parent)["b"]) == ("failed", "failed")


def test_fork_from_the_first_step_does_everything_anew(seller: Actor) -> None:
    fork = drive(execution_fork(execution=_parent(), step="a", actor=seller))
    assert fork.state == "completed"
    assert effects() == ["do a", "do b", "do c"] * 2


def test_fork_goes_the_other_way_at_a_branch(seller: Actor) -> None:
    parent = _parent(WAYS)
    fork = drive(execution_fork(execution=parent, step="a", inputs={"rate": 2}, actor=seller))
    assert (states(parent)["c"], states(fork)) == ("bypassed", {"a": "completed", "b": "bypassed", "c": "completed"})
    with pytest.raises(ForkRefused, match="did not come by"):
        execution_fork(execution=parent, step="c", actor=seller)


def test_fork_under_one_key_is_made_once(seller: Actor) -> None:
    parent = _parent()
    first = execution_fork(execution=parent, step="b", actor=seller, key="1")
    assert execution_fork(execution=parent, step="b", actor=seller, key="1") == first
    assert execution_fork(execution=parent, step="b", actor=seller) != first
    assert Execution.objects.count() == 3


def test_fork_refuses(seller: Actor, approver: Actor, snapshot: Snapshot) -> None:
    parent = _parent()
    before = snapshot()
    with pytest.raises(ForkRefused, match="no step 'z'"):
        execution_fork(execution=parent, step="z", actor=seller)
    with pytest.raises(InputsRefused, match="there is no input 'color'"):
        execution_fork(execution=parent, step="b", inputs={"color": "red"}, actor=seller)
    with pytest.raises(PermissionDenied):
        execution_fork(execution=parent, step="b", actor=approver)
    assert snapshot() == before
    assert Step.objects.count() == 3


def test_fork_does_not_turn_a_run_about_one_customer_to_another(seller: Actor) -> None:
    """Its rights, its room and who may see it were decided by the customer that it is about."""
    inputs = "{customer: {type: text}, rate: {type: number, default: 1}}"
    graph = definition_of("a: {kind: compute, function: test.effect}", inputs=inputs)
    parent = drive(started(graph, subject="customer:1", customer="1"))
    with pytest.raises(ForkRefused, match="Start another run for another customer"):
        execution_fork(execution=parent, step="a", inputs={"customer": "2"}, actor=seller)
    assert execution_fork(execution=parent, step="a", inputs={"rate": 2}, actor=seller).inputs == {"customer": "1", "rate": 2}


def test_fork_of_a_run_that_goes_on_takes_what_is_decided_and_no_more(seller: Actor) -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: [b, c]}
b: {kind: wait, event: approval.decided, next: d}
c: {kind: compute, function: test.effect, next: d}
d: {kind: compute, function: test.effect}
""")
    parent = drive(started(definition, actor=SYSTEM_ACTOR))
    fork = execution_fork(execution=parent, step="c", actor=seller)
    assert states(fork) == {"a": "completed", "b": "ready", "c": "ready", "d": "pending"}
    drive(fork)
    assert states(fork) == {"a": "completed", "b": "waiting", "c": "completed", "d": "pending"}
