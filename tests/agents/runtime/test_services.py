"""Running agents: the process tells what happens, and an application is its caller's transaction or nothing."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import transaction
from django_tenants.utils import schema_context

from agents.customer import NothingToRead
from agents.registry.models import AgentVersion
from agents.registry.selectors import AgentNotAvailable
from agents.runtime import catalog, services
from agents.runtime.agent import AgentRun, Proposal
from agents.runtime.services import AnotherCustomer, agent_apply, agent_compensate, agent_propose
from kernel.audit.models import AuditRecord
from kernel.capabilities.services import CapabilityRefused
from kernel.processes.models import Process, ProcessEvent
from tenants.actors import Actor
from tests.agents.conftest import Inputs, RunAgent
from valuefabric.models import BusinessCase, Customer, Hypothesis, Opportunity, ValueModel


class _Failing(Exception):
    """Raised by tests in the middle of an application."""


def _states(pid: str) -> list[str]:
    rows = ProcessEvent.objects.filter(process_id=pid, kind="state").order_by("number")
    return [row.data["state"] for row in rows]


def _propose(customer: Customer, inputs: Inputs, actor: Actor, agent: str = "opportunity") -> Proposal:
    return agent_propose(agent=agent, inputs=inputs, subject=customer.reference, actor=actor)


def test_a_proposal_waits_and_has_written_nothing(customer: Customer, inputs: Inputs, seller: Actor) -> None:
    proposal = _propose(customer, inputs, seller)

    process = Process.objects.get(pk=proposal.process)
    assert (process.state, process.agent, process.subject) == ("waiting", "agent:opportunity@1.0.0", customer.reference)
    assert (process.actor, process.limit_seconds, process.limit_tokens) == (seller.identifier, 300, 20000)
    assert _states(proposal.process) == ["new", "running", "waiting"]
    assert not Opportunity.objects.exists()


def test_an_agent_is_not_turned_to_a_customer_that_its_token_does_not_name(
    customer: Customer, inputs: Inputs, seller: Actor
) -> None:
    """The token is for what the run is about; inputs that name another customer would be worked on past it."""
    with pytest.raises(AnotherCustomer, match="Start a run about that one"):
        agent_propose(agent="opportunity", inputs=inputs, subject="customer:another", actor=seller)
    assert not Process.objects.exists()


def test_an_application_ends_the_process_with_its_result(customer: Customer, inputs: Inputs, run_agent: RunAgent) -> None:
    proposal, output = run_agent("opportunity", inputs)

    process = Process.objects.get(pk=proposal.process)
    opportunity = Opportunity.objects.get()
    assert output == {
        "opportunity": str(opportunity.public_id),
        "hypotheses": 3,
        "process": proposal.process,
        "method": "deterministic",
    }
    assert (process.state, process.result) == ("done", {"opportunity": str(opportunity.public_id), "hypotheses": 3})
    assert _states(proposal.process) == ["new", "running", "waiting", "running", "done"]
    numbers = list(process.events.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_an_agent_writes_is_the_agents_for_the_person(customer: Customer, inputs: Inputs, run_agent: RunAgent) -> None:
    proposal, _output = run_agent("opportunity", inputs)
    used = AuditRecord.objects.filter(process=proposal.process, action="capability.used").order_by("id")
    assert [(record.actor, record.detail["action"]) for record in used] == [
        ("agent:opportunity@1.0.0", "evidence.read"),
        ("agent:opportunity@1.0.0", "opportunity.write"),
    ]


def test_a_failure_ends_the_process_with_its_reason(customer: Customer, seller: Actor) -> None:
    nothing = {"customer": str(customer.public_id), "pack": "customer_education"}
    with pytest.raises(NothingToRead, match="has no evidence yet"):
        _propose(customer, nothing, seller)

    process = Process.objects.get()
    assert process.state == "failed"
    assert process.error.startswith("NothingToRead: Composite organization has no evidence yet.")
    assert _states(str(process.pk)) == ["new", "running", "failed"]


def test_an_application_that_rolls_back_leaves_nothing(customer: Customer, inputs: Inputs, seller: Actor) -> None:
    proposal = _propose(customer, inputs, seller)
    audited = AuditRecord.objects.count()

    with pytest.raises(_Failing), transaction.atomic():
        agent_apply(agent="opportunity", proposal=proposal, inputs=inputs, actor=seller)
        raise _Failing

    assert not Opportunity.objects.exists()
    assert AuditRecord.objects.count() == audited
    assert _states(proposal.process) == ["new", "running", "waiting"]
    # The proposal is still good: the next attempt applies the same one, without proposing again.
    assert agent_apply(agent="opportunity", proposal=proposal, inputs=inputs, actor=seller)["hypotheses"] == 3
    assert Process.objects.count() == 1


def test_compensation_takes_back_what_was_applied(customer: Customer, inputs: Inputs, seller: Actor, run_agent: RunAgent) -> None:
    _proposal, found = run_agent("opportunity", inputs)
    _proposal, built = run_agent("target", {**inputs, "opportunity": found["opportunity"]})

    agent_compensate(agent="target", output=built, actor=seller)
    agent_compensate(agent="opportunity", output=found, actor=seller)

    assert BusinessCase.objects.get().state == "withdrawn"
    assert ValueModel.objects.get().withdrawn_at is not None
    assert Opportunity.objects.get().withdrawn_at is not None
    assert Hypothesis.objects.count() == 3


def test_a_proposal_of_an_agent_that_was_switched_off_is_not_applied(customer: Customer, inputs: Inputs, seller: Actor) -> None:
    proposal = _propose(customer, inputs, seller)
    with schema_context("public"):
        AgentVersion.objects.filter(name="opportunity").update(is_enabled=False)

    with pytest.raises(AgentNotAvailable):
        agent_apply(agent="opportunity", proposal=proposal, inputs=inputs, actor=seller)
    assert not Opportunity.objects.exists()


def test_an_agent_that_reaches_for_more_than_its_manifest_is_refused(
    customer: Customer, inputs: Inputs, seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Thief:
        """Says that it is the opportunity agent, and wants to commit."""

        name = "opportunity"

        def propose(self, run: AgentRun, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
            run.use("commitment.write")
            return "deterministic", {}

    monkeypatch.setattr(services, "agent_code", lambda _name: Thief())
    with pytest.raises(CapabilityRefused):
        _propose(customer, inputs, seller)
    process = Process.objects.get()
    assert (process.state, process.error.partition(":")[0]) == ("failed", "CapabilityRefused")
    assert AuditRecord.objects.filter(action="capability.refused", process=str(process.pk)).count() == 1


def test_a_customer_of_another_tenant_is_not_found(
    inputs: Inputs, customer: Customer, seller: Actor, charlie: Any, actor_for: Callable[..., Actor]
) -> None:
    with schema_context("globex"), pytest.raises(Customer.DoesNotExist):
        _propose(customer, inputs, actor_for(charlie))


def test_unknown_agents_have_no_code() -> None:
    with pytest.raises(LookupError):
        catalog.agent_code("os")
