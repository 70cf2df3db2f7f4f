"""Clients of Acme's people, and a customer of Sam's."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from kernel.actors import SYSTEM
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make
from tests.gateway import no_models
from tests.once import acme, actor_for, alice, as_made, bob, carol, file_transaction, made, sam
from valuefabric.governance.services import packs_load, rule_set_load
from valuefabric.models import Customer

__all__ = ["acme", "actor_for", "alice", "as_made", "bob", "carol", "file_transaction", "made", "no_models", "sam"]


@pytest.fixture(scope="module")
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam as an actor."""
    return actor_for(sam)


@pytest.fixture
def sams(client_for: Callable[[User | None, Tenant], Client], sam: User, acme: Tenant) -> Client:
    """Sam's browser."""
    return client_for(sam, acme)


@pytest.fixture(scope="module")
def governed(acme: Tenant) -> Tenant:
    """Acme, with packs and rules loaded."""
    packs_load(actor=SYSTEM)
    rule_set_load(actor=SYSTEM)
    return acme


@pytest.fixture(scope="module")
def kept_customer(governed: Tenant, seller: Actor) -> Customer:
    """The customer that a file's own things are about."""
    with tenant_context(governed):
        return customer_make(seller)


@pytest.fixture
def customer(request: pytest.FixtureRequest, governed: Tenant, seller: Actor) -> Customer:
    """The customer of the file's things where the test asks for any of them, else one with nothing yet."""
    if "kept_customer" in request.fixturenames:
        kept: Customer = request.getfixturevalue("kept_customer")
        return kept
    with tenant_context(governed):
        return customer_make(seller)
