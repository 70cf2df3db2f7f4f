"""Constraints at running: each test is named after what was tried."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.budgets.services import Used, budget_reserve, reservation_settle
from tenants.actors import Actor
from tests.factories.families import work
from tests.factories.valuefabric import customer_make, evidence_make
from tests.factories.workflows import definition_of, drive, effects, started, step_of
from valuefabric.models import Customer
from valuefabric.services.evidence import evidence_add
from workflows.models import Step
from workflows.steps.functions import _functions, function_of

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def customer(seller: Actor) -> Customer:
    """A customer with confidential documents."""
    customer = customer_make(seller)
    evidence_make(customer, seller)
    return customer


def _ran(held: str, actor: Actor, *, customer: Customer | None = None) -> Step:
    text = f"a: {{kind: compute, function: test.effect, constraints: {{{held}}}}}"
    run = drive(started(definition_of(text), actor=actor, subject=customer.reference if customer else ""))
    return step_of(run, "a")


def test_document_that_came_after_the_definition_was_read_and_is_more_sensitive_is_not_handled(
    customer: Customer, seller: Actor
) -> None:
    assert _ran("sensitivity: confidential", seller, customer=customer).state == "completed"
    content = b"The board has not been told."
    evidence_add(customer=customer, filename="board.txt", content=content, actor=seller, classification="restricted")
    step = _ran("sensitivity: confidential", seller, customer=customer)
    assert (step.state, step.error_class) == ("failed", "StepTerminal")
    assert "held to confidential data, and Composite organization has restricted documents" in step.error
    assert effects() == ["do a"]


def test_plain_step_that_names_no_capability_is_held_to_the_sensitivity_around_it(customer: Customer, seller: Actor) -> None:
    assert "held to internal data" in _ran("sensitivity: internal", seller, customer=customer).error


def test_customer_smuggled_in_as_an_input_is_looked_at_too(customer: Customer, seller: Actor) -> None:
    text = "a: {kind: compute, function: test.effect, inputs: {customer: '${inputs.c}'}, constraints: {sensitivity: internal}}"
    run = drive(started(definition_of(text, inputs="{c: text}"), actor=seller, c=str(customer.public_id)))
    assert (step_of(run, "a").state, effects()) == ("failed", [])


def test_function_that_gives_to_customers_is_not_called_for_the_tenant_alone(
    seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_functions, "test.effect", replace(function_of("test.effect"), audience="customer"))
    assert _ran("audience: customer", seller).state == "completed"
    step = _ran("audience: tenant", seller)
    assert (step.state, effects()) == ("failed", ["do a"])
    assert "held to the audience tenant, and what it calls gives to customer" in step.error


SPENDS = """
first: {kind: compute, function: test.value, inputs: {process: p-1}, next: second}
second:
  kind: workflow
  body: {steps: {asks: {kind: agent, agent: integrity, constraints: {budget: {tokens: 10, money_usd: "1.00"}}}}}
"""


def test_child_of_a_run_that_has_spent_its_money_asks_no_model(seller: Actor) -> None:
    spent = budget_reserve(tokens=2, money=Decimal(1), process="p-1")
    reservation_settle(reservation=spent.pk, used=Used(2, 0, money=Decimal(1)), deployment="fake")
    run = work(started(definition_of(SPENDS), actor=seller))
    asks = Step.objects.get(execution__parent_step__execution=run, key="asks")
    assert (asks.state, asks.error_class) == ("failed", "StepTerminal")
    assert "has spent 1.0000 USD, and 1.00 USD is what it may spend" in asks.error
