"""People who stop and release, and a stop of Acme's."""

from collections.abc import Callable, Iterator

import pytest
from django_tenants.utils import schema_context, tenant_context

from kernel.stops.models import Stop
from kernel.stops.services import stop_set
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import member_add, user_create


@pytest.fixture
def dora(acme: Tenant) -> User:
    """Admin in Acme: the second person."""
    with schema_context("public"):
        dora = user_create(email="dora@acme.example", name="Dora Admin")
        member_add(tenant=acme, user=dora, role=Role.ADMIN, actor="system")
    return dora


@pytest.fixture
def make_operator(db: None) -> Callable[[str], User]:
    """A platform operator, by name."""

    def make(name: str) -> User:
        with schema_context("public"):
            return User.objects.create_superuser(f"{name}@vos.example", None, name=name.title())

    return make


@pytest.fixture
def acme_stopped(acme: Tenant, alice: User) -> Iterator[Stop]:
    """The tenant Acme, stopped by its owner."""
    with tenant_context(acme):
        yield stop_set(kind="tenant", reason="Prices look wrong.", actor=f"user:{alice.pk}")
