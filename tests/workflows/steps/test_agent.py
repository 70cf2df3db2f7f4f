"""Agents in a run: what the engine passes on, and what becomes of a proposal nobody applies."""

from collections.abc import Mapping
from typing import Any

import pytest

from agents.runtime.agent import Proposal
from kernel.processes.services import process_run, process_start
from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, started, states, step_of
from workflows.services import execution_roll_back
from workflows.steps import agent as handler

pytestmark = pytest.mark.usefixtures("in_acme")

AGENT = definition_of("a: {kind: agent, agent: target, inputs: {customer: '${inputs.customer}'}}", inputs="{customer: {}}")


class Runtime:
    """Stands in for ``agents.runtime`` and remembers its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.fault: Exception | None = None
        self.process: Any = None

    def propose(self, *, agent: str, inputs: Mapping[str, Any], subject: str, actor: Actor) -> Proposal:
        self.calls.append(("propose", agent, dict(inputs), subject, actor.identifier))
        self.process = process_run(process=process_start(agent="agent:target@1.0.0", inputs=dict(inputs), actor=actor.identifier))
        return Proposal("agent:target@1.0.0", str(self.process.pid), "deterministic", {"x": 1})

    def apply(self, *, agent: str, proposal: Proposal, inputs: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
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


def test_proposal_that_is_not_applied_ends_its_process(runtime: Runtime, seller: Actor) -> None:
    runtime.fault = ValueError("The case is committed.")
    execution = drive(started(AGENT, actor=seller, customer="7"))
    assert states(execution) == {"a": "failed"}
    runtime.process.refresh_from_db()
    assert runtime.process.state == "failed"
