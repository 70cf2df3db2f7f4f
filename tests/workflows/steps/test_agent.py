"""Agents in a run: what the engine passes on, and what becomes of a proposal nobody applies."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django_tenants.utils import schema_context

from agents.registry.selectors import agent_current
from agents.registry.services import catalog_register
from agents.runtime.agent import UNBOUND, Bounds, Proposal
from kernel.actors import SYSTEM
from kernel.audit.models import AuditRecord
from kernel.budgets.services import Used, budget_reserve, reservation_settle
from kernel.processes.services import process_event, process_run, process_start, process_steer
from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, started, states, step_of
from workflows.selectors import usage_by_step
from workflows.services import execution_roll_back, step_retry
from workflows.steps import agent as handler
from workflows.steps.protocol import StepTerminal

pytestmark = pytest.mark.usefixtures("in_acme")

AGENT = definition_of("a: {kind: agent, agent: target, inputs: {customer: '${inputs.customer}'}}", inputs="{customer: {}}")


class Runtime:
    """Stands in for ``agents.runtime`` and remembers its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.fault: Exception | None = None
        self.process: Any = None
        self.bounds, self.priority = UNBOUND, None

    def propose(  # the service's own signature
        self,
        *,
        agent: str,
        inputs: Mapping[str, Any],
        subject: str,
        actor: Actor,
        bounds: Bounds,
        priority: Any,
        started: Callable[[str], None],
    ) -> Proposal:
        self.bounds, self.priority = bounds, priority
        self.calls.append(("propose", agent, dict(inputs), subject, actor.identifier))
        self.process = process_run(process=process_start(agent="agent:target@1.0.0", inputs=dict(inputs), actor=actor.identifier))
        started(str(self.process.pid))
        return Proposal("agent:target@1.0.0", str(self.process.pid), "deterministic", {"x": 1})

    def apply(self, *, agent: str, proposal: Proposal, inputs: Mapping[str, Any], actor: Actor, bounds: Bounds) -> dict[str, Any]:
        assert bounds == self.bounds
        self.calls.append(("apply", agent, dict(proposal.content), dict(inputs)))
        if self.fault:
            raise self.fault
        return {"case": "9", "process": proposal.process}

    def compensate(self, *, agent: str, output: Mapping[str, Any], actor: Actor) -> None:
        self.calls.append(("compensate", agent, output["case"], actor.identifier))


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The fake in the place of the real one."""
    fake = Runtime()
    for name in ("propose", "apply", "compensate"):
        monkeypatch.setattr(handler, f"agent_{name}", getattr(fake, name))
    return fake


def test_agent_step_proposes_applies_and_compensates(runtime: Runtime, seller: Actor) -> None:
    execution = drive(started(AGENT, actor=seller, subject="customer:7", customer="7"))
    assert execution.state == "completed"
    assert step_of(execution, "a").output["case"] == "9"
    execution_roll_back(execution=execution, reason="", actor=seller)
    assert drive(execution).state == "rolled_back"
    assert runtime.calls == [
        ("propose", "target", {"customer": "7"}, "customer:7", seller.identifier),
        ("apply", "target", {"x": 1}, {"customer": "7"}),
        ("compensate", "target", "9", seller.identifier),
    ]


def test_message_that_a_deterministic_method_could_not_read_is_recorded_as_not_used(
    runtime: Runtime, seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = runtime.apply

    def told_meanwhile(**given: Any) -> dict[str, Any]:
        process_steer(process=runtime.process, message="Leave out churn.", actor=seller.identifier)
        return apply(**given)

    monkeypatch.setattr(handler, "agent_apply", told_meanwhile)
    drive(started(AGENT, actor=seller, customer="7"))
    record = AuditRecord.objects.get(action="workflow.step_unheard")
    assert record.detail["reason"].endswith("So this was not used: Leave out churn.")


def test_message_that_the_method_honoured_is_recorded_as_such(
    runtime: Runtime, seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = runtime.apply

    def told_and_heard(**given: Any) -> dict[str, Any]:
        for message in ("Leave out churn.", "Use 9 %."):
            event = process_steer(process=runtime.process, message=message, actor=seller.identifier)
            answer = {"why": "A figure needs a source."} if "9" in message else {}
            process_event(process=runtime.process, kind="unheard" if answer else "heard", data={"number": event.number, **answer})
        return apply(**given)

    monkeypatch.setattr(handler, "agent_apply", told_and_heard)
    drive(started(AGENT, actor=seller, customer="7"))
    records = AuditRecord.objects.filter(action__in=["workflow.step_heard", "workflow.step_unheard"]).order_by("pk")
    assert [record.detail["reason"] for record in records] == [
        "This was honoured: Leave out churn.",
        "A figure needs a source. So this was not used: Use 9 %.",
    ]


def test_proposal_that_is_not_applied_ends_its_process(runtime: Runtime, seller: Actor) -> None:
    runtime.fault = ValueError("The case is committed.")
    execution = drive(started(AGENT, actor=seller, customer="7"))
    assert states(execution) == {"a": "failed"}
    runtime.process.refresh_from_db()
    assert runtime.process.state == "failed"


def test_constraints_hold_an_agent_below_its_manifest(runtime: Runtime, seller: Actor) -> None:
    held = "constraints: {capabilities: [{action: evidence.read}], budget: {tokens: 500, money_usd: '1'}}"
    drive(started(definition_of(f"a: {{kind: agent, agent: target, {held}}}"), actor=seller))
    assert runtime.bounds == Bounds(frozenset({("evidence.read", "{subject}")}), 500)
    with schema_context("public"):
        catalog_register(actor=SYSTEM)
    manifest = runtime.bounds.narrowed(agent_current("target"))
    assert [spec.action for spec in manifest.capabilities] == ["evidence.read"]
    assert manifest.budget.tokens == 500


def test_bounds_never_widen_a_manifest(runtime: Runtime) -> None:
    with schema_context("public"):
        catalog_register(actor=SYSTEM)
    manifest = agent_current("target")
    wide = Bounds(frozenset({("case.commit", "*"), ("case.write", "{subject}")}), 10**9).narrowed(manifest)
    assert [spec.action for spec in wide.capabilities] == ["case.write"]
    assert wide.budget == manifest.budget


def test_what_a_failed_attempt_used_is_counted_with_its_step(runtime: Runtime, seller: Actor) -> None:
    runtime.fault = StepTerminal("It does not fit.")
    execution = drive(started(AGENT, actor=seller, subject="customer:7", customer="7"))
    runtime.fault = None
    step_retry(step=step_of(execution, "a"), actor=seller)
    assert drive(execution).state == "completed"
    failed, completed = step_of(execution, "a").attempts.order_by("number").values_list("outcome", "process")
    assert (failed[0], completed[0]) == ("failed", "completed")
    for (_outcome, process), tokens in ((failed, 7), (completed, 5)):
        held = budget_reserve(tokens=tokens, money=Decimal(tokens), process=str(process))
        reservation_settle(reservation=held.pk, used=Used(tokens, 0, money=Decimal(tokens)), deployment="fake")
    used = usage_by_step([execution])[execution.pk]["a"]
    assert (used.calls, used.tokens, used.money) == (2, 12, Decimal(12))
