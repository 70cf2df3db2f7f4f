"""People as actors, and a customer to work on."""

from collections.abc import Callable

import pytest

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make
from valuefabric.models import Customer


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice: everything is allowed to her in Acme."""
    return actor_for(alice)


@pytest.fixture
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam."""
    return actor_for(sam)


@pytest.fixture
def viewer(acme: Tenant, actor_for: Callable[[User], Actor]) -> Actor:
    """Vera, who may only look."""
    return actor_for(User.objects.get(email=PEOPLE["vera"].email))


@pytest.fixture
def voters(bob: User, carol: User, actor_for: Callable[[User], Actor]) -> tuple[Actor, Actor]:
    """The two approvers."""
    return actor_for(bob), actor_for(carol)


@pytest.fixture
def customer(seller: Actor, viewer: Actor, voters: tuple[Actor, Actor], owner: Actor, in_acme: Tenant) -> Customer:
    """Sam's customer in Acme; the other people are made first, while the public schema is at hand."""
    return customer_make(seller)
