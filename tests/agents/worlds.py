"""The demo's customer with its three documents, and agents at work for Sam, made once per file; see ``tests/once.py``.

A file that imports these fixtures makes its own things from them with ``scope="module"``, in Acme's context. None of its tests
may commit. What was made once stays for the tests below, so those that need less stand above those that need more.
"""

from collections.abc import Callable, Iterator

import pytest
from django_tenants.utils import tenant_context

from agents.registry.services import catalog_register
from kernel.actors import SYSTEM
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.agents.conftest import Inputs, RunAgent, agent_runner, customer_make, documents_add
from tests.once import acme, actor_for, alice, as_made, bob, carol, file_transaction, made, sam
from valuefabric.governance.services import packs_load, rule_set_load
from valuefabric.models import Customer

__all__ = [
    "acme",
    "actor_for",
    "alice",
    "as_made",
    "bob",
    "carol",
    "customer",
    "file_transaction",
    "governed",
    "in_acme",
    "inputs",
    "made",
    "run_agent",
    "sam",
    "seller",
]


@pytest.fixture(scope="module")
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam, on whose behalf agents work."""
    return actor_for(sam)


@pytest.fixture(scope="module")
def governed(acme: Tenant) -> Tenant:
    """Acme, with packs, rules and agents registered by the platform."""
    packs_load(actor=SYSTEM)
    rule_set_load(actor=SYSTEM)
    catalog_register(actor=SYSTEM)
    return acme


@pytest.fixture(scope="module")
def customer(governed: Tenant, seller: Actor) -> Customer:
    """A customer of Sam's without evidence."""
    with tenant_context(governed):
        return customer_make(seller)


@pytest.fixture(scope="module")
def inputs(governed: Tenant, customer: Customer, seller: Actor) -> Inputs:
    """The inputs of a run for that customer, who has its three documents."""
    with tenant_context(governed):
        return documents_add(customer, seller)


@pytest.fixture(scope="module")
def run_agent(seller: Actor, customer: Customer) -> RunAgent:
    """``run_agent("target", inputs)`` proposes and applies, as the workflow does."""
    return agent_runner(seller, customer)


@pytest.fixture
def in_acme(as_made: None, acme: Tenant) -> Iterator[Tenant]:
    """Work as Acme, behind the test's savepoint."""
    with tenant_context(acme):
        yield acme
