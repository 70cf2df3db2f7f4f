"""What operators configured, as a call knows it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from kernel.llm.catalogue import catalogue, forget
from kernel.llm.models import ModelDeployment, ModelShare
from kernel.llm.selectors import share_weights
from tenants.models import Tenant

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture(autouse=True)
def kept_for_a_while(settings: Any) -> None:
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 600
    forget()


def test_the_tables_are_read_once_and_again_after_a_while(
    make_deployment: MakeDeployment, in_acme: Tenant, settings: Any
) -> None:
    make_deployment()
    forget()
    with CaptureQueriesContext(
        connection,
    ) as first:
        catalogue()
    with CaptureQueriesContext(connection) as second:
        assert [one.name for one in catalogue().available("default")] == ["fake"]
    assert (len(first) > 0, len(second)) == (True, 0)
    with schema_context("public"):
        ModelDeployment.objects.update(enabled=False)  # as another process would: no signal here
    assert catalogue().available("default") != []
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 0
    assert catalogue().available("default") == []


@pytest.mark.django_db(transaction=False)
def test_what_this_process_saves_counts_at_once(
    make_deployment: MakeDeployment, in_acme: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    assert catalogue().available("default") == []
    with django_capture_on_commit_callbacks(execute=True):
        make_deployment()
    assert [one.name for one in catalogue().available("default")] == ["fake"]


def test_each_tenant_has_its_own(acme: Tenant, globex: Tenant) -> None:
    with schema_context("public"):
        ModelShare.objects.create(schema_name="acme", weight=7)
    forget()
    with tenant_context(acme):
        assert share_weights("default", "acme", "") == (7, 1)
    with tenant_context(globex):
        assert share_weights("default", "acme", "") == (1, 1)


def test_who_only_shows_it_takes_an_older_one(make_deployment: MakeDeployment, in_acme: Tenant, settings: Any) -> None:
    make_deployment()
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 1e-9
    first = catalogue()
    assert catalogue(patience=1e12) is first
    assert catalogue() is not first
