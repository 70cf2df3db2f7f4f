"""What a file's tests start from, made once: rows in a transaction around the file, objects as they were made.

A conftest that imports these fixtures gives its people and things ``scope="module"``. Each test works behind a savepoint, so
what it does to rows is rolled back to what the file started from, and what it does to objects is undone with it. Making a
customer with a committed case takes longer than most tests of it.
"""

import pickle
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, models, transaction

from tenants.actors import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PEOPLE

__all__ = ["acme", "actor_for", "alice", "as_made", "bob", "carol", "file_transaction", "made", "sam"]

# By identity: the object, which so stays alive, and what it was made with. A pickle is read ten times as fast as deepcopy copies.
type Made = dict[int, tuple[models.Model, bytes]]


@pytest.fixture(scope="module")
def file_transaction(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """The transaction around a file's tests; none of them may commit."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        connection.set_schema_to_public()


@pytest.fixture(scope="module")
def made() -> Made:
    """The file's objects as they were made."""
    return {}


@pytest.fixture(autouse=True)
def as_made(request: pytest.FixtureRequest, made: Made) -> Iterator[None]:
    """Give the test its file's objects as they were made, and a session that is nobody's."""
    for thing in request.node.funcargs.values():
        if isinstance(thing, models.Model):
            _thing, was = made.get(id(thing)) or made.setdefault(id(thing), (thing, pickle.dumps(thing.__dict__)))
            thing.__dict__.clear()
            thing.__dict__.update(pickle.loads(was))
    # What the test before left: rolling back to a savepoint takes schema and role back on the server, and nobody tells Python.
    connection.set_schema_to_public()
    request.getfixturevalue("db")
    yield


@pytest.fixture(scope="module")
def acme(file_transaction: None) -> Tenant:
    """The tenant."""
    return Tenant.objects.get(schema_name="acme")


def _person(key: str) -> User:
    return User.objects.get(email=PEOPLE[key].email)


@pytest.fixture(scope="module")
def alice(acme: Tenant) -> User:
    """Owner of Acme."""
    return _person("alice")


@pytest.fixture(scope="module")
def bob(acme: Tenant) -> User:
    """Approver in Acme: vice president of customer success."""
    return _person("bob")


@pytest.fixture(scope="module")
def carol(acme: Tenant) -> User:
    """Approver in Acme: finance."""
    return _person("carol")


@pytest.fixture(scope="module")
def sam(acme: Tenant) -> User:
    """Seller in Acme."""
    return _person("sam")


@pytest.fixture(scope="module")
def actor_for() -> Callable[[User], Actor]:
    """The person as an actor of the (only) tenant they belong to."""

    def make(user: User) -> Actor:
        membership = Membership.objects.get(user=user)
        return Actor(f"user:{user.pk}", Role(membership.role), user.pk, user.name)

    return make
