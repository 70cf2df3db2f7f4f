"""The main job on demo data: its document of results, and that doing it again adds nothing."""

from typing import Any

import pytest
from django_tenants.utils import schema_context

from approvals.models import Vote
from kernel.events.models import OutboxEvent
from kernel.events.relay import relay_once
from tenants.models import Membership, Tenant, User
from tests.vos.demo.conftest import run_demo
from valuefabric.models import BusinessCase, Commitment, Evidence, ExpansionProposal, Export, RealizationReport, TelemetryPoint
from vos.demo import results
from vos.demo.job import JobFailed
from vos.demo.pump import JobStalled, wait_until
from workflows.models import Execution, Step

DONE = (BusinessCase, Commitment, Export, Vote, TelemetryPoint, RealizationReport, ExpansionProposal, Execution, Evidence)


def _counts() -> list[int]:
    with schema_context("acme"):
        done = [model.objects.count() for model in DONE]
    with schema_context("public"):
        return [*done, User.objects.count(), Membership.objects.count(), Tenant.objects.count()]


def test_the_document_holds_the_published_figures(printed: dict[str, Any]) -> None:
    assert printed["ok"] is True
    assert printed["figures"] == [
        {"figure": "retention, present value", "computed": "10041989", "published": "10041989", "holds": True},
        {"figure": "spending, present value", "computed": "6675324", "published": "6675324", "holds": True},
        {"figure": "retention, total", "computed": "12943488", "published": "12943488", "holds": True},
        {"figure": "spending, total", "computed": "8230482", "published": "8230482", "holds": True},
    ]
    assert printed["not_counted"] == ["support"]


def test_the_document_tells_what_was_realized_and_where_to_look(printed: dict[str, Any]) -> None:
    assert printed["attainment_pct"] == "43.2"
    assert printed["drivers"] == {"retention": "31.8", "spending": "50.7"}
    assert printed["renewal_risk"] == "high"
    assert len(printed["expansion"]) == 1
    assert printed["run"]["state"] == "completed"
    assert set(printed["run"]["steps"].values()) == {"completed", "bypassed"}
    assert printed["where"]["customer"].startswith(printed["where"]["workspace"] + "customers/")
    assert {account["role"] for account in printed["accounts"]} >= {"owner", "seller", "approver", "success_manager", "operator"}
    assert "made-up demo data" in printed["demo"]


def test_doing_it_again_repeats_nothing_and_prints_the_same(printed: dict[str, Any]) -> None:
    before = _counts()
    again = run_demo()
    assert again == printed
    assert _counts() == before
    with schema_context("public"):
        while relay_once(None):
            pass
        assert not OutboxEvent.objects.filter(delivered_at=None).exists()


def test_a_figure_that_is_off_is_told_and_fails_the_run(printed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from decimal import Decimal

    monkeypatch.setattr(results, "PRESENT_VALUES", {"retention": Decimal(10_041_990), "spending": Decimal(6_675_324)})
    with pytest.raises(SystemExit) as left:
        run_demo()
    assert left.value.code == 1


def test_a_failed_step_ends_the_job_with_its_error(printed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vos.demo import job

    with schema_context("acme"):
        step = Step.objects.get(key="export")
        monkeypatch.setattr(step, "title", step.title)

        class Steps:
            """A run with a failed step."""

            def filter(self, **_state: object) -> "Steps":
                return self

            def order_by(self, *_fields: str) -> "Steps":
                return self

            def first(self) -> object:
                step.error = "The disk is full."
                return step

        monkeypatch.setattr(job, "_steps", lambda _run: Steps())
        with pytest.raises(JobFailed, match="Make the workbook.*failed: The disk is full"):
            job._refuse_failed(step.execution)


def test_a_job_that_does_not_move_says_what_it_waited_for() -> None:
    with pytest.raises(JobStalled, match="for the approval. The worker's log says why"):
        wait_until("the approval", lambda: None, lambda: None, seconds=-0.1)
