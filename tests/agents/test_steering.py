"""Agents that honour what people told them, by their deterministic method."""

from typing import Any

from django.db import transaction

from agents.runtime.services import agent_apply, agent_propose
from kernel.processes.models import ProcessEvent
from kernel.processes.selectors import process_get
from kernel.processes.services import process_steer
from tenants.actors import Actor
from tests.agents.conftest import Inputs
from valuefabric.models import BusinessCase, Customer, Hypothesis
from valuefabric.selectors.documents import computation_of


def _steered(agent: str, inputs: Inputs, messages: list[str], customer: Customer, actor: Actor) -> tuple[dict[str, Any], str]:
    """Its output and its process, having been told before it began."""

    def tell(pid: str) -> None:
        for message in messages:
            process_steer(process=process_get(pid), message=message, actor=actor.identifier)

    proposal = agent_propose(agent=agent, inputs=inputs, subject=customer.reference, actor=actor, started=tell)
    with transaction.atomic():
        return agent_apply(agent=agent, proposal=proposal, inputs=inputs, actor=actor), proposal.process


def _said(process: str, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in ProcessEvent.objects.filter(process_id=process, kind=kind).order_by("number")]


def test_target_leaves_a_driver_out_shows_the_note_and_keeps_words_out(inputs: Inputs, customer: Customer, seller: Actor) -> None:
    messages = [
        "Leave out spending.",
        "Note: The CFO changes in May.",
        "Never say guaranteed.",
        "Use 9 %.",
        "Leave out retention.",
    ]
    _output, process = _steered("target", inputs, messages, customer, seller)
    case = BusinessCase.objects.get()
    drivers = {driver.key: driver.counted for driver in computation_of(case.model_version).drivers}
    assert drivers == {"retention": True, "spending": False, "support": False}
    assert any("Not counted, as asked: “Leave out spending.”" in line for line in case.exclusions)
    assert "The CFO changes in May." in case.uncertainties
    assert "guaranteed" in case.forbidden
    assert [data["message"] for data in _said(process, "heard")] == messages[:3]
    figure, last = _said(process, "unheard")
    assert "a figure it takes from the evidence only" in figure["why"]
    assert "no driver “retention” to leave out" in last["why"]  # it is the last that counts


def test_opportunity_lists_what_was_left_out_and_does_not_count_it(inputs: Inputs, customer: Customer, seller: Actor) -> None:
    _steered("opportunity", inputs, ["Leave out retention"], customer, seller)
    assert dict(Hypothesis.objects.values_list("driver_key", "counted")) == {
        "retention": False,
        "spending": True,
        "support": False,
    }
