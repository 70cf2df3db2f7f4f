"""The operators' view."""

import pytest
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.approvals import request_make

PAGE = "/admin/approvals/dueapproval/"


@pytest.fixture
def client(db: None) -> Client:
    """A platform operator's."""
    client = Client(headers={"host": "localhost"})
    with schema_context("public"):
        operator = User.objects.create_superuser("olga@vos.example", name="Olga")
        client.force_login(operator, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


def test_admin_shows_what_is_due_of_all_tenants_and_no_data(acme: Tenant, seller: Actor, client: Client) -> None:
    with tenant_context(acme):
        request = request_make(requested_by=seller.identifier, subject="case:secret")
    text = client.get(PAGE).content.decode()
    assert "acme" in text
    assert str(request.public_id) in text
    assert "secret" not in text
    assert client.get(f"{PAGE}add/").status_code == 403
    assert str(request.public_id) not in client.get(f"{PAGE}?late=yes").content.decode()
