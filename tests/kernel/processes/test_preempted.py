from collections.abc import Iterator

import pytest
from django_tenants.utils import tenant_context

from kernel.processes.models import Process
from kernel.processes.preempted import preempted
from kernel.processes.services import process_kill, process_run, process_start
from tenants.models import Tenant


@pytest.fixture
def process(acme: Tenant) -> Iterator[Process]:
    with tenant_context(acme):
        yield process_run(process=process_start(agent="target@1.0.0", inputs={}, actor="user:1"))


def _state(process: Process) -> str:
    return str(Process.objects.values_list("state", flat=True).get(pk=process.pk))


def test_it_is_preempted_inside_and_runs_again_also_after_an_error(process: Process) -> None:
    with pytest.raises(TimeoutError), preempted(str(process.pk)):
        assert _state(process) == "preempted"
        raise TimeoutError
    assert _state(process) == "running"


def test_who_is_killed_while_preempted_stays_killed(process: Process) -> None:
    with preempted(str(process.pk)):
        process_kill(process=process, actor="user:1")
    assert _state(process) == "killed"


@pytest.mark.parametrize("pid", ["", "night", "5a1e7c1e-0000-4000-8000-000000000000"])
def test_what_is_no_process_is_left_out(acme: Tenant, pid: str) -> None:
    with tenant_context(acme), preempted(pid):
        assert not Process.objects.exists()
