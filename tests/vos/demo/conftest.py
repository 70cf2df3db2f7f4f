"""A demo in the tests' database, and nothing of it afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context

from tenants.models import Domain, Portfolio, PortfolioManager, Tenant, User
from tests.factories.databases import empty_tenants
from vos.demo.people import OPERATOR, PORTFOLIO_MANAGER


def demo_remove() -> None:
    """Remove what the demo adds beside Acme, Globex and their people."""
    with schema_context("public"):
        Tenant.objects.exclude(schema_name="public").update(portfolio=None)
        PortfolioManager.objects.all().delete()
        Portfolio.objects.all().delete()
        User.objects.filter(email__in=[OPERATOR, PORTFOLIO_MANAGER]).delete()
        Domain.objects.filter(tenant__schema_name="public").delete()
        Tenant.objects.filter(schema_name="public").delete()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """The demo is wanted; rows really commit."""
    from django.test import override_settings

    with django_db_blocker.unblock(), override_settings(VOS_DEMO=True):
        connection.set_schema_to_public()
        yield
        connection.set_schema_to_public()
        demo_remove()
        empty_tenants()
        connection.close()


@pytest.fixture(scope="module")
def printed(demo: None) -> dict[str, Any]:
    """What ``manage.py demo run --json`` prints, the first time."""
    return run_demo()


def run_demo() -> dict[str, Any]:
    """Run the command; returns its document."""
    import io
    import json

    from django.core.management import call_command

    connection.set_schema_to_public()
    out = io.StringIO()
    call_command("demo", "run", "--json", "--here", stdout=out)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document
