"""Parents, children and groups, and the attacks on their bounds."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from kernel.guardrails.operation import Limits
from kernel.processes.models import Process, WhenParentEnds
from kernel.processes.selectors import process_events_after, process_get, process_priority, process_tree
from kernel.processes.services import (
    ForkRefused,
    ProcessStopped,
    TransitionRefused,
    families,
    group_signal,
    process_checkpoint,
    process_fail,
    process_finish,
    process_kill,
    process_nice,
    process_preempt,
    process_run,
    process_signal,
    process_start,
    process_wait,
)
from kernel.scheduler.policies import Priority
from tenants.models import Tenant


def started(**changes: Any) -> Process:
    values: dict[str, Any] = {"agent": "target@1.0.0", "inputs": {}, "actor": "user:1"} | changes
    return process_start(**values)


def running(**changes: Any) -> Process:
    return process_run(process=started(**changes))


def state(process: Process) -> str:
    return process_get(process.pid).state


def test_fork_bomb_in_depth_stops_at_the_bound(in_acme: Tenant) -> None:
    process = running()
    for _ in range(families.MOST_DEPTH):
        process = running(parent=process)
    with pytest.raises(ForkRefused, match="generations deep"):
        started(parent=process)
    assert len(process_tree(process.group)) == families.MOST_DEPTH + 1


def test_fork_bomb_in_breadth_stops_at_the_bound(in_acme: Tenant) -> None:
    parent = running(limits=Limits(children=3))
    children = [running(parent=parent) for _ in range(3)]
    with pytest.raises(ForkRefused, match="3 children"):
        started(parent=parent)
    process_finish(process=children[0], result={})
    started(parent=parent)
    assert Process.objects.filter(parent=parent, ended_at=None).count() == 3


def test_fork_bomb_of_many_generations_stops_at_the_groups_bound(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "MOST_IN_GROUP", 5)
    root = running()
    child = running(parent=root)
    for parent in (root, child, child):
        started(parent=parent)
    with pytest.raises(ForkRefused, match="of group"):
        started(parent=child)
    assert Process.objects.filter(group=root.group).count() == 5


def test_fork_bomb_from_many_threads_at_once_does_not_pass_the_bound(committed: Tenant) -> None:
    with tenant_context(committed):
        parent = running(limits=Limits(children=4))

    def fork(_number: int) -> bool:
        try:
            with tenant_context(committed):
                started(parent=parent)
        except ForkRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(fork, range(16))) == 4
    with tenant_context(committed):
        assert Process.objects.filter(parent=parent).count() == 4


def test_fork_bomb_does_not_outrun_the_stop_of_its_group(in_acme: Tenant) -> None:
    parent = running()
    group_signal(group=parent.group, signal="stop", actor="user:2")
    with pytest.raises(ForkRefused, match="being stopped"):
        started(parent=parent)


def test_a_process_that_has_ended_starts_no_children(in_acme: Tenant) -> None:
    parent = process_finish(process=running(), result={})
    with pytest.raises(ForkRefused, match="is done"):
        started(parent=parent)


def test_a_child_cannot_have_looser_limits_than_its_parent(in_acme: Tenant) -> None:
    parent = running(limits=Limits(steps=10, tokens=100, depth=1))
    child = running(parent=parent, limits=Limits(steps=99, seconds=5))
    assert (child.limit_steps, child.limit_tokens, child.limit_seconds, child.limit_depth) == (10, 100, 5, 0)
    with pytest.raises(ForkRefused):
        started(parent=child)


@pytest.mark.parametrize(("limits", "use"), [(Limits(tokens=100), {"tokens": 40}), (Limits(tool_calls=4), {"tool_calls": 2})])
def test_spending_through_children_does_not_get_past_the_roots_limit(
    in_acme: Tenant, limits: Limits, use: dict[str, int]
) -> None:
    root = running(limits=limits)
    children = [running(parent=root) for _ in range(3)]
    process_checkpoint(process=children[0], **use)
    process_checkpoint(process=children[1], **use)
    with pytest.raises(ProcessStopped, match="Raise the limit"):
        process_checkpoint(process=children[2], **use)
    assert [state(child) for child in children] == ["running", "running", "failed"]


def test_tool_calls_are_counted_and_bounded(in_acme: Tenant) -> None:
    process = running(limits=Limits(tool_calls=2))
    process_checkpoint(process=process, tool_calls=2)
    with pytest.raises(ProcessStopped, match="2 tool calls"):
        process_checkpoint(process=process, tool_calls=1)
    assert (process.state, process.used_tool_calls) == ("failed", 3)


def test_children_of_a_dead_parent_end_with_it_or_are_adopted(in_acme: Tenant) -> None:
    root = running()
    parent = running(parent=root)
    stopped = running(parent=parent)
    below = running(parent=stopped)
    kept = running(parent=parent, when_parent_ends=WhenParentEnds.ADOPT)
    process_fail(process=parent, error="Out of ideas.")
    assert [state(process) for process in (root, stopped, below, kept)] == ["running", "killed", "killed", "running"]
    assert process_get(stopped.pid).error == "The process that started it has ended."
    assert process_get(kept.pid).parent == root
    assert process_events_after(kept.pk)[-1].data == {"by": str(root.pk)}


def test_a_child_whose_ancestors_all_ended_lives_on_alone(in_acme: Tenant) -> None:
    root = running()
    child = running(parent=root, when_parent_ends=WhenParentEnds.ADOPT)
    process_finish(process=root, result={})
    child.refresh_from_db()
    assert (child.state, child.parent, child.group) == ("running", None, root.group)


def test_a_whole_group_is_paused_resumed_and_stopped(in_acme: Tenant) -> None:
    root = running()
    resting, ended = started(parent=root), running(parent=root)
    process_finish(process=ended, result={})
    other = running()
    assert group_signal(group=root.group, signal="pause", actor="user:2") == [root, resting]
    assert (process_get(root.pid).signal, state(resting)) == ("pause", "suspended")
    assert group_signal(group=root.group, signal="pause", actor="user:2") == []
    group_signal(group=root.group, signal="resume", actor="user:2")
    assert (process_get(root.pid).signal, state(resting)) == ("", "ready")
    group_signal(group=root.group, signal="stop", actor="user:2")
    with pytest.raises(ProcessStopped):
        process_checkpoint(process=root)
    assert [state(process) for process in (root, resting, ended, other)] == ["killed", "killed", "done", "running"]


def test_stopping_a_group_that_is_not_there_changes_nothing(in_acme: Tenant) -> None:
    assert group_signal(group=uuid.uuid4(), signal="stop", actor="user:2") == []


def test_kill_ends_a_running_process_at_once_and_its_worker_learns_of_it(in_acme: Tenant) -> None:
    process = running()
    process_kill(process=process_get(process.pid), actor="user:2")
    assert (state(process), process_get(process.pid).error) == ("killed", "Killed by user:2.")
    with pytest.raises(ProcessStopped):
        process_checkpoint(process=process)
    with pytest.raises(TransitionRefused):
        process_finish(process=process, result={})


def test_a_preempted_process_runs_on_or_obeys_when_it_runs_again(in_acme: Tenant) -> None:
    process = process_preempt(process=running(), for_class="interactive")
    assert process_events_after(process.pk)[-1].data == {"state": "preempted", "for": "interactive"}
    process_signal(process=process, signal="pause", actor="user:2")
    assert state(process) == "preempted"
    process_run(process=process)
    assert state(process) == "running"


def test_a_stop_that_no_checkpoint_saw_is_obeyed_when_the_worker_lets_go(in_acme: Tenant) -> None:
    process = running()
    process_signal(process=process, signal="stop", actor="user:2")
    process_wait(process=process, kind="approval", key="4")
    assert (process.state, process.error) == ("killed", "Stopped by a person.")


def test_a_parent_waits_for_its_child_and_goes_on_when_it_ends(in_acme: Tenant, django_capture_on_commit_callbacks: Any) -> None:
    parent = running()
    child = running(parent=parent)
    process_wait(process=parent, kind="child", key=str(child.pk))
    assert (parent.state, parent.waiting_for) == ("waiting", f"child:{child.pk}")
    with django_capture_on_commit_callbacks(execute=True):
        process_finish(process=child, result={})
    parent.refresh_from_db()
    assert (parent.state, parent.waiting_for) == ("ready", "")


def test_waiting_for_a_child_that_ended_before_does_not_wait_for_ever(in_acme: Tenant) -> None:
    parent = running()
    child = process_finish(process=running(parent=parent), result={})
    assert process_wait(process=parent, kind="child", key=str(child.pk)).state == "ready"


def test_a_class_is_inherited_and_nice_goes_to_all_below(in_acme: Tenant) -> None:
    root = running(priority=Priority.BATCH)
    child = running(parent=root)
    grandchild = running(parent=child)
    assert grandchild.priority == Priority.BATCH
    process_nice(process=child, priority=Priority.INTERACTIVE, actor="user:2")
    assert [process_get(p.pid).priority for p in (root, child, grandchild)] == [2, 0, 0]
    assert process_events_after(grandchild.pk)[-1].data == {"priority": "interactive", "actor": "user:2"}


def test_a_child_that_somebody_urgent_waits_for_is_as_urgent(in_acme: Tenant) -> None:
    root = running(priority=Priority.INTERACTIVE)
    child = running(parent=root, priority=Priority.NORMAL)
    grandchild = running(parent=child, priority=Priority.BATCH)
    assert process_priority(grandchild.pk) is Priority.BATCH
    process_wait(process=child, kind="child", key=str(grandchild.pk))
    assert process_priority(grandchild.pk) is Priority.NORMAL
    process_wait(process=root, kind="child", key=str(child.pk))
    assert process_priority(grandchild.pk) is Priority.INTERACTIVE
