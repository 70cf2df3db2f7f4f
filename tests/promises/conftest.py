"""A finished main job, committed for real, for tests that only look."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from tenants.models import Tenant
from tests.factories.databases import empty_tenants
from tests.factories.job import job_done
from workflows.models import Execution


@pytest.fixture(scope="module")
def finished(django_db_setup: None, django_db_blocker: pytest.FixtureDef, session_folder: Path) -> Iterator[Execution]:
    """The run of a finished main job; the tests of the file work in Acme's context."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        acme = Tenant.objects.get(schema_name="acme")
        run = job_done(acme, session_folder)
        with tenant_context(acme):
            yield run
        connection.set_schema_to_public()
        empty_tenants()
        connection.close()


@pytest.fixture(autouse=True)
def in_acme_again(request: pytest.FixtureRequest) -> None:
    """Back in Acme's context, whatever the test before left (a test client ends in the public schema)."""
    if "finished" in request.fixturenames:
        request.getfixturevalue("finished")
        connection.set_tenant(Tenant(schema_name="acme", name="Acme"))
