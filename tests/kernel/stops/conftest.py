"""People who stop and release, and a stop of Acme's."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django_tenants.utils import schema_context, tenant_context

from kernel.stops.models import Stop
from kernel.stops.services import stop_set
from kernel.stops.watch import watcher
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


@pytest.fixture
def looked() -> Iterator[Callable[[], object]]:
    """Have this process read the stops in force, in the test's own transaction; afterwards it knows of none."""
    yield watcher.look
    watcher._forget()


@pytest.fixture
def watching(settings: Any) -> Iterator[None]:
    """This process watches by itself, as in production."""
    settings.VOS_STOPS_SECONDS = 0.25
    yield
    settings.VOS_STOPS_SECONDS = 0.0
    end = time.monotonic() + 5
    while watcher._thread is not None and time.monotonic() < end:
        time.sleep(0.01)
    watcher._forget()
