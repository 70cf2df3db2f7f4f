"""The demo's customer with its three documents, and agents at work for Sam, inside a transaction that is rolled back."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import transaction
from django_tenants.utils import schema_context

from agents.registry.services import catalog_register
from agents.runtime.agent import Proposal
from agents.runtime.services import agent_apply, agent_propose
from kernel.actors import SYSTEM
from tenants.actors import Actor
from tenants.models import Tenant, User
from valuefabric.governance.services import packs_load, rule_set_load
from valuefabric.models import Customer
from valuefabric.services.customers import customer_create
from valuefabric.services.evidence import evidence_add
from vos.demo.job import DATA, DOCUMENTS, PACK

type Inputs = Mapping[str, Any]
type RunAgent = Callable[..., tuple[Proposal, dict[str, Any]]]


@pytest.fixture
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam, on whose behalf agents work."""
    return actor_for(sam)


@pytest.fixture
def governed(in_acme: Tenant) -> Tenant:
    """Acme, with packs, rules and agents registered by the platform."""
    with schema_context("public"):
        packs_load(actor=SYSTEM)
        rule_set_load(actor=SYSTEM)
        catalog_register(actor=SYSTEM)
    return in_acme


@pytest.fixture
def customer(governed: Tenant, seller: Actor) -> Customer:
    """A customer of Sam's without evidence."""
    return customer_make(seller)


def customer_make(seller: Actor) -> Customer:
    """The demo's customer."""
    return customer_create(
        name="Composite organization", industry="Software publishers", naics="5132", currency="USD", actor=seller
    )


@pytest.fixture
def inputs(customer: Customer, seller: Actor) -> Inputs:
    """The inputs of a run for that customer, who has its three documents."""
    return documents_add(customer, seller)


def documents_add(customer: Customer, seller: Actor) -> Inputs:
    """Give the customer the demo's three documents; returns the inputs of a run about them."""
    for name in DOCUMENTS:
        evidence_add(customer=customer, filename=name, content=(DATA / name).read_bytes(), actor=seller)
    return {"customer": str(customer.public_id), "pack": PACK, "starts_on": "2027-01-01"}


@pytest.fixture
def run_agent(seller: Actor, customer: Customer) -> RunAgent:
    """``run_agent("target", inputs)`` proposes and applies, as the workflow does."""
    return agent_runner(seller, customer)


def agent_runner(seller: Actor, customer: Customer) -> RunAgent:
    """What runs an agent for the seller, about the customer."""

    def run(agent: str, given: Inputs) -> tuple[Proposal, dict[str, Any]]:
        proposal = agent_propose(agent=agent, inputs=given, subject=customer.reference, actor=seller)
        with transaction.atomic():
            return proposal, agent_apply(agent=agent, proposal=proposal, inputs=given, actor=seller)

    return run
