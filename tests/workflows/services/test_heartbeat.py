"""The lease lives while its worker prepares, and no longer than the step may take."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.processes.draining import drain, drain_over
from kernel.scheduler.models import DueWork
from tenants.models import Tenant
from tests.factories.workflows import started, step_of
from workflows.models import Execution, Step
from workflows.services import step_claim
from workflows.services.claims import Lease
from workflows.services.heartbeat import LENGTH_WHEN_DRAINING, Heartbeat

SHORT = timedelta(seconds=0.3)


def _until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def _claimed(execution: Execution, length: timedelta = SHORT) -> tuple[Lease, Step]:
    lease = step_claim(step_id=step_of(execution, "a").pk, worker="w", length=length)
    assert lease is not None
    return lease, step_of(execution, "a")


def test_heartbeat_extends_the_lease_while_preparing(committed: Tenant) -> None:
    with tenant_context(committed):
        lease, step = _claimed(started())
        with Heartbeat(lease, longest_seconds=60):
            assert _until(lambda: step_of(step.execution, "a").lease_until > step.lease_until + SHORT)
        until = step_of(step.execution, "a").lease_until
        time.sleep(0.15)
        assert step_of(step.execution, "a").lease_until == until  # it has stopped


def test_step_that_hangs_loses_its_lease(committed: Tenant) -> None:
    with tenant_context(committed):
        lease, step = _claimed(started())
        with Heartbeat(lease, longest_seconds=0.0):
            assert _until(lambda: step_claim(step_id=step.pk, worker="two", length=SHORT) is not None)
        assert step_of(step.execution, "a").worker == "two"


def test_heartbeat_does_not_take_back_a_lost_lease(committed: Tenant) -> None:
    with tenant_context(committed):
        lease, step = _claimed(started())
        Step.objects.filter(pk=step.pk).update(fence=lease.fence + 1)
        with Heartbeat(lease, longest_seconds=60) as heartbeat:
            assert _until(lambda: not heartbeat.is_beating)
        assert step_of(step.execution, "a").lease_until == step.lease_until


def test_worker_that_is_told_to_end_holds_what_it_prepares_for_seconds_only(committed: Tenant) -> None:
    """Killed then, it keeps nobody waiting for the whole lease: lease and list of due work both name the sooner time."""
    with tenant_context(committed):
        lease, step = _claimed(started(), timedelta(minutes=10))
        with Heartbeat(lease, longest_seconds=60):
            drain()
            try:
                assert _until(lambda: step_of(step.execution, "a").lease_until < timezone.now() + LENGTH_WHEN_DRAINING)
            finally:
                drain_over()
        assert DueWork.objects.get(reference=str(step.pk)).due_at == step_of(step.execution, "a").lease_until
