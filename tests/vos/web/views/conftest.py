"""Clients of Acme's people, and a customer of Sam's."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from kernel.actors import SYSTEM
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make
from valuefabric.governance.services import packs_load, rule_set_load
from valuefabric.models import Customer


@pytest.fixture
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam as an actor."""
    return actor_for(sam)


@pytest.fixture
def sams(client_for: Callable[[User | None, Tenant], Client], sam: User, acme: Tenant) -> Client:
    """Sam's browser."""
    return client_for(sam, acme)


@pytest.fixture
def governed(acme: Tenant) -> Tenant:
    """Acme, with packs and rules loaded."""
    packs_load(actor=SYSTEM)
    rule_set_load(actor=SYSTEM)
    return acme


@pytest.fixture
def customer(governed: Tenant, seller: Actor) -> Customer:
    """A customer of Sam's with nothing yet."""
    with tenant_context(governed):
        return customer_make(seller)
