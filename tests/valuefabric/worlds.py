"""People, and a customer that a file's own things are about, made once per file; see ``tests/once.py``.

A file that imports these fixtures makes its model or case of ``kept_customer`` with ``scope="module"``, in Acme's context.
None of its tests may commit.
"""

from collections.abc import Callable, Iterator

import pytest
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make
from tests.once import acme, actor_for, alice, as_made, bob, carol, file_transaction, made, sam
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
    "in_acme",
    "kept_customer",
    "made",
    "owner",
    "sam",
    "seller",
    "viewer",
    "voters",
]


@pytest.fixture(scope="module")
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice: everything is allowed to her in Acme."""
    return actor_for(alice)


@pytest.fixture(scope="module")
def seller(sam: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Sam."""
    return actor_for(sam)


@pytest.fixture(scope="module")
def viewer(acme: Tenant, actor_for: Callable[[User], Actor]) -> Actor:
    """Vera, who may only look."""
    return actor_for(User.objects.get(email=PEOPLE["vera"].email))


@pytest.fixture(scope="module")
def voters(bob: User, carol: User, actor_for: Callable[[User], Actor]) -> tuple[Actor, Actor]:
    """The two approvers."""
    return actor_for(bob), actor_for(carol)


@pytest.fixture(scope="module")
def kept_customer(acme: Tenant, seller: Actor) -> Customer:
    """The customer that a file's own things are about."""
    with tenant_context(acme):
        return customer_make(seller)


@pytest.fixture
def in_acme(as_made: None, acme: Tenant) -> Iterator[Tenant]:
    """Work as Acme, behind the test's savepoint."""
    with tenant_context(acme):
        yield acme


@pytest.fixture
def customer(request: pytest.FixtureRequest, as_made: None, acme: Tenant, seller: Actor) -> Customer:
    """The customer of the file's things where the test asks for any of them, else one with nothing yet."""
    if "kept_customer" in request.fixturenames:
        kept: Customer = request.getfixturevalue("kept_customer")
        return kept
    with tenant_context(acme):
        return customer_make(seller)
