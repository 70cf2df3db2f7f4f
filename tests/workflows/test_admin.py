"""The operators' view."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from tenants.models import Tenant, User
from tests.factories.workflows import started, step_of
from workflows.models import DueStep

PAGE = "/admin/workflows/duestep/"


def _client(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    with schema_context("public"):
        client.force_login(user, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


@pytest.fixture
def operator(db: None) -> User:
    """A platform operator."""
    with schema_context("public"):
        return User.objects.create_superuser("olga@vos.example", name="Olga")


def test_admin_shows_due_steps_of_all_tenants_and_no_data(acme: Tenant, operator: User) -> None:
    with tenant_context(acme):
        execution = started(subject="customer:secret")
        reference = step_of(execution, "a").pk
    page = _client(operator).get(PAGE)
    assert page.status_code == 200
    text = page.content.decode()
    assert "acme" in text
    assert str(reference) in text
    assert "secret" not in text
    assert _client(operator).get(f"{PAGE}add/").status_code == 403


def test_admin_shows_members_of_tenants_nothing(acme: Tenant, sam: User) -> None:
    assert _client(sam).get(PAGE).status_code == 302


def test_admin_finds_what_is_late(acme: Tenant, operator: User) -> None:
    with tenant_context(acme):
        late, now = (step_of(started(), "a").pk for _number in range(2))
    with schema_context("public"):
        DueStep.objects.filter(reference=str(late)).update(due_at=timezone.now() - timedelta(minutes=5))
    text = _client(operator).get(f"{PAGE}?late=yes").content.decode()
    assert f">{late}<" in text
    assert f">{now}<" not in text
    assert "a step" in text
