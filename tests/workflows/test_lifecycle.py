"""The lifecycle with the real agents: to its end, back to its beginning, and through a worker's death in every step."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.events.relay import relay_once
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant
from tests.factories.families import work
from tests.factories.job import ground_make, job_done
from tests.factories.workflows import states, step_of
from valuefabric.models import BusinessCase, Commitment, Customer, Opportunity
from vos.demo.job import main_job
from workflows.models import Step
from workflows.services import Lease, execution_roll_back, running, step_run
from workflows.services.due import STEP_WORK
from workflows.services.finishing import Held

ACTED = ["opportunity", "target", "review", "verdict", "decision", "telemetry", "proof"]
INSIDE = {"refine", "make", "judge", "do", "approval", "deed", "commit", "export", "stages"}


def test_lifecycle_runs_to_its_end_and_back(committed: Tenant, session_folder: Path) -> None:
    execution = job_done(committed, session_folder)
    with tenant_context(committed):
        assert states(execution) == {**dict.fromkeys(ACTED, "completed"), "quarantined": "bypassed"}
        assert Commitment.objects.get().reversed_at is None
        execution_roll_back(execution=execution, reason="Signed by mistake.", actor=SYSTEM_ACTOR)
        assert work(execution).state == "rolled_back", [step.error for step in Step.objects.exclude(error="")]
        assert Step.objects.get(key="commit").state == "compensated"
        assert states(execution) == {**dict.fromkeys(ACTED, "compensated"), "quarantined": "bypassed"}
        assert Commitment.objects.get().reversed_at is not None
        assert BusinessCase.objects.get().state == "withdrawn"
        assert Opportunity.objects.get().withdrawn_at is not None
        assert Customer.objects.get().stage == "opportunity"


def test_lifecycle_loses_a_worker_in_the_commit_of_every_step_and_does_nothing_twice(
    committed: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step's first commit is lost with its worker: rolled back, its lease left to expire."""
    close, lost = running.step_close, set[str]()

    class Died(BaseException):
        """As SIGKILL: nothing of the engine runs any more."""

    def close_or_die(held: Held, *arguments: Any) -> Lease | None:
        following = close(held, *arguments)
        if held.lease.step.key not in lost:
            lost.add(held.lease.step.key)
            raise Died
        return following

    def pump() -> None:
        relay_once(None)
        for due in DueWork.objects.filter(kind=STEP_WORK).order_by("id"):
            with tenant_context(committed):
                Step.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))
                try:
                    step_run(step_id=int(due.reference), worker="w")
                except Died:
                    assert not connection.in_atomic_block

    monkeypatch.setattr(running, "step_close", close_or_die)
    ground_make(committed)
    execution = main_job(tenant=committed, pump=pump, tell=lambda _stage: None)
    with tenant_context(committed), transaction.atomic():
        assert execution.state == "completed"
        assert lost == {*ACTED, *INSIDE}
        assert [model.objects.count() for model in (Opportunity, BusinessCase, Commitment)] == [1, 1, 1]
        assert step_of(execution, "target").attempts.filter(outcome="lost").count() == 1
