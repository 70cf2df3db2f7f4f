"""Leases and their numbers."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tests.factories.workflows import drive, effects, started, states, step_of
from workflows.models import Execution, Step
from workflows.services import LeaseLost, execution_cancel, execution_pause, lease_extend, running, step_claim, step_run
from workflows.services.claims import Lease, locked_by
from workflows.services.closing import step_close

pytestmark = pytest.mark.usefixtures("in_acme")


def _claim(execution: Execution, worker: str = "one") -> Lease | None:
    return step_claim(step_id=step_of(execution, "a").pk, worker=worker)


def _expire(execution: Execution) -> None:
    Step.objects.filter(execution=execution, key="a").update(lease_until=timezone.now() - timedelta(seconds=1))


def _close(lease: Lease, *, by: str) -> None:
    with transaction.atomic():
        run, step = locked_by(lease)
        step_close(run, step, {"by": by}, {})


def test_step_claim_takes_a_lease() -> None:
    execution = started()
    lease = _claim(execution)
    step = step_of(execution, "a")
    assert lease is not None
    assert (lease.fence, step.fence, step.worker, step.state, step.attempt) == (1, 1, "one", "running", 1)
    assert DueWork.objects.get(reference=str(step.pk)).due_at == step.lease_until
    assert _claim(execution, "two") is None


def test_expired_lease_is_taken_over_under_a_higher_number() -> None:
    execution = started()
    _claim(execution)
    _expire(execution)
    second = _claim(execution, "two")
    assert second is not None
    assert second.fence == 2
    assert list(step_of(execution, "a").attempts.order_by("number").values_list("worker", "outcome")) == [
        ("one", "lost"),
        ("two", "running"),
    ]


def test_stale_holder_cannot_commit() -> None:
    execution = started()
    first = _claim(execution)
    _expire(execution)
    second = _claim(execution, "two")
    assert first is not None
    assert second is not None
    with pytest.raises(LeaseLost):
        _close(first, by="one")
    assert step_of(execution, "a").output is None
    _close(second, by="two")
    assert step_of(execution, "a").output == {"by": "two"}
    with pytest.raises(LeaseLost):
        _close(second, by="two again")
    assert step_of(execution, "a").output == {"by": "two"}


def test_stale_holder_of_a_slow_step_repeats_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first worker comes back from preparing after another one has done the whole step."""
    execution = started()
    inputs_of = running.inputs_of

    def slow(run: Execution, step: Step) -> dict[str, object]:
        monkeypatch.setattr(running, "inputs_of", inputs_of)
        _expire(execution)
        assert step_run(step_id=step.pk, worker="two") is True
        return inputs_of(run, step)

    monkeypatch.setattr(running, "inputs_of", slow)
    assert step_run(step_id=step_of(execution, "a").pk, worker="one") is False
    assert effects() == ["do a"]
    drive(execution)
    assert effects() == ["do a", "do b", "do c"]


def test_lease_extend_holds_on_and_tells_when_lost() -> None:
    execution = started()
    lease = _claim(execution)
    assert lease is not None
    _expire(execution)
    assert lease_extend(lease) is True
    step = step_of(execution, "a")
    assert step.lease_until > timezone.now() + timedelta(seconds=25)
    assert DueWork.objects.get(reference=str(step.pk)).due_at == step.lease_until
    _expire(execution)
    _claim(execution, "two")
    assert lease_extend(lease) is False


def test_paused_run_gives_no_lease(seller: Actor) -> None:
    execution = started()
    execution_pause(execution=execution, actor=seller)
    assert _claim(execution) is None
    assert states(execution)["a"] == "ready"


def test_cancelled_run_refuses_the_commit_of_what_was_running(seller: Actor) -> None:
    execution = started()
    lease = _claim(execution)
    execution_cancel(execution=execution, reason="No longer wanted.", actor=seller)
    assert lease is not None
    with pytest.raises(LeaseLost), transaction.atomic():
        locked_by(lease)
    assert _claim(execution) is None
    step = step_of(execution, "a")
    assert (step.state, step.attempts.get().outcome) == ("cancelled", "cancelled")


def test_attempt_names_the_trace_of_its_run() -> None:
    execution = started()
    Execution.objects.filter(pk=execution.pk).update(trace_context={"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"})
    _claim(execution)
    assert step_of(execution, "a").attempts.get().trace == "ab" * 16
