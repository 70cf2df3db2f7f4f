"""Runs that a step starts."""

import pytest

from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR
from tests.factories.families import child, children_of, parent, work
from tests.factories.workflows import FAULTS, definition_of, effects, started, states, step_of
from workflows.models import Execution, Step
from workflows.services import (
    children_look,
    execution_cancel,
    execution_pause,
    execution_resume,
    execution_roll_back,
    priority_set,
    step_retry,
    step_run,
)
from workflows.services.children import MAX_DEPTH, ChildSpec, children_start
from workflows.steps.protocol import StepTerminal

pytestmark = pytest.mark.usefixtures("in_acme", "family_handler")


def family(n: int = 3, **inputs: object) -> Execution:
    return started(parent(), n=n, **inputs)


def test_children_do_their_work_and_the_parent_gathers_it_by_place() -> None:
    execution = work(family(3))
    assert execution.state == "completed"
    assert effects() == ["do before", "do c1", "do c1", "do c1", "do after"]
    assert step_of(execution, "many").output == {"given": [{"item": 0}, {"item": 1}, {"item": 2}], "failed": []}


def test_no_children_is_gathered_at_once() -> None:
    execution = work(family(0))
    assert (execution.state, step_of(execution, "many").output) == ("completed", {"given": [], "failed": []})


def test_at_once_bounds_who_runs_at_the_same_time() -> None:
    execution = family(5, at_once=2)
    for key in ("before", "many"):
        step_run(step_id=step_of(execution, key).pk, worker="w")
    assert [child.begun_at is not None for child in children_of(execution)] == [True, True, False, False, False]
    assert work(execution).state == "completed"
    assert effects().count("do c1") == 5


def test_failed_child_stops_the_others_and_a_retry_of_the_parent_starts_only_what_is_not_done() -> None:
    FAULTS["commit", "c1"] = [ValueError("no such thing")]
    execution = work(family(3, at_once=1))
    assert execution.state == "failed"
    assert [child.state for child in children_of(execution)] == ["failed", "cancelled", "cancelled"]
    assert step_of(execution, "many").error == "The run at place 0 failed: no such thing"
    step_retry(step=step_of(execution, "many"), actor=SYSTEM_ACTOR)
    assert work(execution).state == "completed"
    assert [(c.place, c.state) for c in children_of(execution)] == [
        (0, "completed"), (1, "cancelled"), (1, "completed"), (2, "cancelled"), (2, "completed"),
    ]  # fmt: skip
    assert effects().count("do c1") == 3


def test_collect_gathers_what_succeeded_and_names_what_failed() -> None:
    FAULTS["commit", "c1"] = [ValueError("no such thing")]
    execution = work(family(3, at_once=1, collect=True))
    assert execution.state == "completed"
    assert step_of(execution, "many").output == {"given": [{"item": 1}, {"item": 2}], "failed": [0]}
    assert [run.state for run in children_of(execution)] == ["cancelled", "completed", "completed"]


def test_mended_child_lets_its_parent_go_on() -> None:
    FAULTS["commit", "c1"] = [ValueError("no such thing")]
    execution = work(family(1))
    only = children_of(execution)[0]
    step_retry(step=step_of(only, "c1"), actor=SYSTEM_ACTOR)
    work(only)
    from workflows.services import children_look

    children_look(step_id=step_of(execution, "many").pk, is_mended=True)
    assert work(execution).state == "completed"
    assert len(children_of(execution)) == 1


def _in_the_middle(n: int = 3) -> Execution:
    """A run whose first child is done and whose others are not."""
    execution = family(n)
    for key in ("before", "many"):
        step_run(step_id=step_of(execution, key).pk, worker="w")
    work(children_of(execution)[0])
    return execution


def test_cancel_reaches_the_children() -> None:
    execution = _in_the_middle()
    execution_cancel(execution=execution, reason="enough", actor=SYSTEM_ACTOR)
    assert [run.state for run in children_of(execution)] == ["completed", "cancelled", "cancelled"]
    assert DueWork.objects.count() == 0
    assert effects() == ["do before", "do c1"]


def test_pause_and_resume_reach_the_children_but_not_those_paused_before() -> None:
    execution = _in_the_middle()
    execution_pause(execution=children_of(execution)[2], actor=SYSTEM_ACTOR)
    execution_pause(execution=execution, actor=SYSTEM_ACTOR)
    assert [run.is_paused for run in children_of(execution)] == [False, True, True]
    assert not step_run(step_id=step_of(children_of(execution)[1], "c1").pk, worker="w")
    execution_resume(execution=execution, actor=SYSTEM_ACTOR)
    assert [run.is_paused for run in children_of(execution)] == [False, False, True]
    work(execution)
    assert [run.state for run in children_of(execution)] == ["completed", "completed", "running"]


def test_priority_reaches_the_children() -> None:
    execution = _in_the_middle(2)
    priority_set(execution, "batch")
    assert {run.priority for run in Execution.objects.all()} == {"batch"}


@pytest.mark.parametrize("when", ["in the middle", "at the end"])
def test_roll_back_undoes_what_children_did_before_what_came_before_them(when: str) -> None:
    execution = _in_the_middle() if when == "in the middle" else work(family(2))
    done = effects()
    execution_roll_back(execution=execution, reason="", actor=SYSTEM_ACTOR)
    assert work(execution).state == "rolled_back"
    undone = {
        "in the middle": ["undo c1", "undo before"],
        "at the end": ["undo after", "undo c1", "undo c1", "undo before"],
    }[when]
    assert effects() == [*done, *undone]
    assert {run.state for run in children_of(execution)} <= {"rolled_back", "cancelled"}
    assert DueWork.objects.count() == 0


SIDE_BY_SIDE = """
a: {kind: compute, function: test.effect, next: b}
b: {kind: compute, function: test.effect, next: [x, y]}
x: {kind: workflow, body: {kind: wait, signal: go}}
y: {kind: workflow, body: {kind: wait, signal: go}}
"""


def test_two_families_that_are_cut_off_do_not_have_two_steps_undone_at_once() -> None:
    execution = work(started(definition_of(SIDE_BY_SIDE)))
    assert states(execution) == {"a": "completed", "b": "completed", "x": "waiting", "y": "waiting"}
    execution_roll_back(execution=execution, reason="", actor=SYSTEM_ACTOR)
    for key in ("x", "y", "x"):  # each tells of its children's end, and the sweeper comes by once more
        children_look(step_id=step_of(execution, key).pk)
    assert [states(execution)[key] for key in "ab"] == ["completed", "compensation_due"]
    assert work(execution).state == "rolled_back"
    assert effects() == ["do a", "do b", "undo b", "undo a"]
    assert DueWork.objects.count() == 0


def test_child_that_cannot_be_undone_holds_its_parent_until_it_is_mended() -> None:
    execution = work(family(1))
    FAULTS["undo", "c1"] = [ValueError("too late")]
    execution_roll_back(execution=execution, reason="", actor=SYSTEM_ACTOR)
    assert work(execution).state == "stuck"
    only = children_of(execution)[0]
    assert (only.state, states(execution)["many"]) == ("stuck", "compensation_failed")
    step_retry(step=step_of(only, "c1"), actor=SYSTEM_ACTOR)
    work(only)
    assert work(execution).state == "rolled_back"
    assert effects().count("undo c1") == 1


def test_nesting_without_end_is_refused() -> None:
    execution = started(parent(), n=1)
    execution.depth = MAX_DEPTH
    with pytest.raises(StepTerminal, match="nested 8 deep"):
        children_start(execution, step_of(execution, "many"), [ChildSpec(0, child(), {"item": 1})])
    assert Execution.objects.count() == 1


def test_many_children_are_made_with_the_same_number_of_queries(django_assert_max_num_queries: object) -> None:
    execution = family(0)
    step = step_of(execution, "many")
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        children_start(execution, step, [ChildSpec(n, child(), {"item": n}) for n in range(300)])
    assert Step.objects.filter(state="ready", execution__parent_step=step).count() == 300
