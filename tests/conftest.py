"""Fixtures that every test may use: two tenants with people, and a way in.

Acme and Globex are made once per database. ``in_acme`` works inside a transaction that is rolled back; ``committed`` is for
threads, workers and kills: it really commits, and empties both tenants afterwards.
"""

import contextlib
import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection
from django.test import Client
from django.utils.log import configure_logging
from django_tenants.utils import schema_context, tenant_context
from hypothesis import HealthCheck, settings
from pytest_django.plugin import blocking_manager_key
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from kernel.statements import PlannedQuery
from tenants.actors import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tests.databases import database_drop, database_make, dump_begin
from tests.examples import examples_prepare
from tests.factories.databases import empty_tenants
from tests.factories.sessions import session_make
from tests.factories.tenants import PEOPLE
from tests.fakes.openai_server import openai_server
from tests.workers.server import Server
from vos.embedded.pytest_plugin import services

__all__ = ["openai_server"]

_ROLE = PlannedQuery(lambda user: Membership.objects.filter(user=user).values_list("role"), (int,))
_DUMPING: pytest.StashKey[subprocess.Popen[bytes] | None] = pytest.StashKey()
_FORKING: pytest.StashKey[Server] = pytest.StashKey()

# How fast examples come says how busy the machine is, and nothing of the code.
settings.register_profile("vos", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vos")

# Each test's client starts the middleware anew, and WhiteNoise then reads every static file: a third of a page test. So it looks
# for a file when it is asked for one.
project.WHITENOISE_AUTOREFRESH = True
# A password is meant to take a quarter of a second to look at. One test of logging in waits for that.
project.PASSWORD_HASHERS = ["tests.factories.tenants.QuickScrypt"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what needs no database, for it is still being made; then what is long, so that no worker walks a browser while the
    others have nothing left to do; then the rest as it stands."""
    stored = {_scope(item.nodeid) for item in items if "django_db_setup" in getattr(item, "fixturenames", ())}
    long = {_scope(item.nodeid) for item in items if any(item.iter_markers("browser")) or any(item.iter_markers("kill"))}
    items.sort(key=lambda item: (_scope(item.nodeid) in stored, _scope(item.nodeid) not in long))


def _scope(nodeid: str) -> str:
    """What one worker runs: each file, and all browser walks, for they share the programs that they walk in."""
    file = nodeid.partition("::")[0]
    return "tests/e2e" if file.startswith("tests/e2e/") else file


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """See above."""
    return _ByFile(config, log)


def pytest_sessionstart(session: pytest.Session) -> None:
    """In xdist's controller: begin to make the database that workers copy, import meanwhile, then have workers forked.

    macOS' own libraries do not bear a fork: there each worker is a Python of its own.
    """
    config = session.config
    if not config.getoption("numprocesses", None):
        return
    config.stash[_DUMPING] = dump_begin()
    if sys.platform == "linux":
        import_all(config)
        examples_prepare()
        config.get_terminal_writer().flush()
        config.stash[_FORKING] = Server(lambda: _forget_controller(config))
        config.option.tx = [config.stash[_FORKING].spec] * len(config.option.tx)


def import_all(config: pytest.Config) -> None:
    """Import what will be collected. A file that cannot be imported tells so when it is collected."""
    places = [Path(config.invocation_params.dir, place.partition("::")[0]) for place in config.args]
    for file in [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("test_*.py")))]:
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


def _forget_controller(config: pytest.Config) -> None:
    """In a forked worker, which brings up a pytest of its own: the servers and the database's guard are the controller's."""
    services.forget()
    config.stash[blocking_manager_key].unblock()


def pytest_configure(config: pytest.Config) -> None:
    """Settings were read, and logs opened, before the fork; a worker has a Valkey database of its own, and its own outputs."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        url = os.environ["REDIS_URL"]
        project.REDIS_URL = project.CELERY_BROKER_URL = url
        project.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [url]
        configure_logging(project.LOGGING_CONFIG, project.LOGGING)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """No process outlives the session, whatever ended it."""
    if dumping := session.config.stash.get(_DUMPING, None):
        dumping.terminate()
        dumping.wait()
    if forking := session.config.stash.get(_FORKING, None):
        forking.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """This worker's own database, with the two tenants and their people committed."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    with django_db_blocker.unblock():
        database_make(name)
    yield
    with django_db_blocker.unblock():
        database_drop(name)


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session share, and no other session."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def everybody(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> dict[str, bytes]:
    """Both tenants and all people as they were committed, pickled: nearly every test wants some."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        rows: dict[str, Any] = {
            tenant.schema_name: tenant for tenant in Tenant.objects.filter(schema_name__in=["acme", "globex"])
        }
        users = {user.email: user for user in User.objects.all()}
        rows |= {key: users[person.email] for key, person in PEOPLE.items()}
    return {key: pickle.dumps(row) for key, row in rows.items()}


@pytest.fixture
def acme(db: None, everybody: dict[str, bytes]) -> Tenant:
    """The tenant whose data could leak."""
    return pickle.loads(everybody["acme"])


@pytest.fixture
def globex(db: None, everybody: dict[str, bytes]) -> Tenant:
    """The other tenant."""
    return pickle.loads(everybody["globex"])


@pytest.fixture
def in_acme(acme: Tenant) -> Iterator[Tenant]:
    """Work as Acme: its schema, its Postgres role."""
    with tenant_context(acme):
        yield acme


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[Tenant]:
    """Acme with real commits, for threads and other processes; both tenants and the outbox are emptied afterwards."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        yield Tenant.objects.get(schema_name="acme")
        connection.set_schema_to_public()
        empty_tenants()
        connection.close()


@pytest.fixture
def alice(acme: Tenant, everybody: dict[str, bytes]) -> User:
    """Owner of Acme."""
    return pickle.loads(everybody["alice"])


@pytest.fixture
def bob(acme: Tenant, everybody: dict[str, bytes]) -> User:
    """Approver in Acme: vice president of customer success."""
    return pickle.loads(everybody["bob"])


@pytest.fixture
def carol(acme: Tenant, everybody: dict[str, bytes]) -> User:
    """Approver in Acme: finance."""
    return pickle.loads(everybody["carol"])


@pytest.fixture
def sam(acme: Tenant, everybody: dict[str, bytes]) -> User:
    """Seller in Acme."""
    return pickle.loads(everybody["sam"])


@pytest.fixture
def charlie(globex: Tenant, everybody: dict[str, bytes]) -> User:
    """Owner of Globex; to be refused everywhere in Acme."""
    return pickle.loads(everybody["charlie"])


@pytest.fixture
def actor_for() -> Callable[[User], Actor]:
    """The person as an actor of the (only) tenant they belong to."""

    def make(user: User) -> Actor:
        with schema_context("public"):
            (role,) = _ROLE.first(user.pk) or ()
        return Actor(f"user:{user.pk}", Role(role), user.pk, user.name)

    return make


@pytest.fixture
def client_for() -> Callable[[User | None, Tenant], Client]:
    """A logged-in test client on a tenant's host (``client_for(user, tenant)``; no user: anonymous)."""

    def make(user: User | None, tenant: Tenant) -> Client:
        client = Client(headers={"host": f"{tenant.schema_name}.localhost"})
        if user is not None:
            with tenant_context(tenant):
                client.cookies[project.SESSION_COOKIE_NAME] = session_make(user)
        return client

    return make
