"""A finished main job, committed for real."""

from collections.abc import Iterator

import pytest
from django_tenants.utils import tenant_context

from tenants.models import Tenant
from tests.factories.job import job_do
from workflows.models import Execution


@pytest.fixture
def finished(committed: Tenant) -> Iterator[Execution]:
    """The run of a finished main job; the test works in Acme's context."""
    run = job_do(committed)
    with tenant_context(committed):
        yield run
