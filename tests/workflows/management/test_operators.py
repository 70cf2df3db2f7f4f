"""``manage.py workflow`` for a tenant's runs."""

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditRecord
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant
from tests.factories.workflows import FAULTS, drive, started
from workflows.models import Execution
from workflows.steps.protocol import StepTerminal
from workflows.triggers.models import Kind
from workflows.triggers.services import TriggerSpec, trigger_create


@pytest.fixture
def failed(acme: Tenant) -> Execution:
    """A run whose second step failed."""
    FAULTS["commit", "b"] = [StepTerminal("Broken.")]
    with tenant_context(acme):
        return drive(started(subject="case:1"))


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    verb, *rest = arguments
    call_command("workflow", verb, "--schema", "acme", *rest)
    return capsys.readouterr().out


def test_operator_looks_at_a_run_and_retries_its_step(
    failed: Execution, acme: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    short = str(failed.public_id)[:8]
    assert f"{failed.public_id}  failed" in _said(capsys, "runs", "--state", "failed")
    shown = _said(capsys, "show", short)
    assert "Probe 1.0.0: failed, 1 of 3 steps" in shown
    assert "Broken." in shown
    assert _said(capsys, "retry", short, "b") == f"{failed.public_id}  running\n"
    with tenant_context(acme):
        assert AuditRecord.objects.get(action="workflow.step_retried").actor == "operator:command-line"
        assert drive(failed).state == "completed"
    with pytest.raises(CommandError, match="only a failed one can be retried"):
        _said(capsys, "retry", short, "b")


def test_operator_replays_dead_letters(failed: Execution, acme: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    assert "StepTerminal: Broken." in _said(capsys, "dead-letters", "--text", "broken")
    assert _said(capsys, "dead-letters", "--replay").startswith("replayed  ")
    with tenant_context(acme):
        assert drive(failed).state == "completed"


def test_operator_pauses_resumes_and_rolls_back(failed: Execution, capsys: pytest.CaptureFixture[str]) -> None:
    run = str(failed.public_id)
    assert [_said(capsys, verb, run).split("  ")[1].strip() for verb in ("pause", "resume", "roll-back")] == [
        "failed (paused)", "failed", "rolling_back",
    ]  # fmt: skip


def test_operator_sees_triggers(acme: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    with tenant_context(acme):
        spec = TriggerSpec(title="Mornings", kind=Kind.CRON, definition="lifecycle", crontab="0 6 * * *")
        trigger_create(spec=spec, actor=SYSTEM_ACTOR)
    assert "06:00 UTC  Mornings" in _said(capsys, "triggers")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "ffffffff"), "No run begins"),
        (("show", "nonsense"), "no run's id"),
        (("skip", "0", "a", "--reason", "x"), "No run"),
    ],
)
def test_operator_is_told_what_is_wrong(arguments: tuple[str, ...], words: str, acme: Tenant) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("workflow", arguments[0], "--schema", "acme", *arguments[1:])
