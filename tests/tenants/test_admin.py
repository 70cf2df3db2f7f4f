"""Operators govern tenants and their members in the admin; every write is on record."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from kernel.audit.models import AuditRecord
from tenants.models import Domain, Membership, Tenant, User
from tenants.selectors import actor_in_tenant, tenant_by_host
from valuefabric.models import Customer

# unfold 0.110 overrides a method of Django's admin by its signature before 6.1.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Overriding get_action_choices:django.utils.deprecation.RemovedInDjango2028Warning"
)

TENANTS, PEOPLE = "/admin/tenants/tenant/", "/admin/tenants/user/"
INITECH = {
    "name": "Initech",
    "schema_name": "initech",
    "host": "Initech.localhost",
    "portfolio": "",
    "time_zone": "Europe/Berlin",
}
PASSWORD = "a-long-and-private-sentence"


@pytest.fixture
def operator(acme: Tenant, globex: Tenant) -> Iterator[Client]:
    """An operator's client on the public host."""
    with schema_context("public"):
        client = Client(headers={"host": settings.VOS_PUBLIC_HOST})
        olga = User.objects.create_superuser("olga@example.org", name="Olga")
        client.force_login(olga, backend="tenants.interfaces.accounts.PeopleBackend")
        yield client


def _audited(action: str) -> list[tuple[str, dict[str, Any]]]:
    with schema_context("public"):
        found = AuditRecord.objects.filter(action=action, actor__startswith="operator:").order_by("id")
        return [(record.subject, record.detail) for record in found]


def _page(tenant: Tenant, **changed: Any) -> dict[str, Any]:
    """What a tenant's page sends: its fields, its members and its hosts as they are, and ``changed``."""
    with schema_context("public"):
        members, hosts = list(tenant.memberships.order_by("pk")), list(tenant.domains.order_by("pk"))
    sent: dict[str, Any] = {"name": tenant.name, "portfolio": "", "time_zone": tenant.time_zone, "is_active": "on"}
    for prefix, rows in (("memberships", members), ("domains", hosts)):
        sent |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        sent |= {f"{prefix}-{at}-id": row.pk for at, row in enumerate(rows)}
        sent |= {f"{prefix}-{at}-tenant": tenant.pk for at, row in enumerate(rows)}
    sent |= {f"memberships-{at}-user": row.user_id for at, row in enumerate(members)}
    sent |= {f"memberships-{at}-role": row.role for at, row in enumerate(members)}
    sent |= {f"domains-{at}-domain": row.domain for at, row in enumerate(hosts)}
    sent |= {f"domains-{at}-is_primary": "on" for at, row in enumerate(hosts) if row.is_primary}
    return {name: value for name, value in (sent | changed).items() if value is not None}


def _change(tenant: Tenant) -> str:
    return f"{TENANTS}{tenant.pk}/change/"


@pytest.mark.parametrize("address", [TENANTS, f"{TENANTS}add/", PEOPLE, f"{PEOPLE}add/", "/admin/tenants/portfolio/"])
def test_pages_answer(operator: Client, address: str) -> None:
    assert operator.get(address).status_code == 200


def test_list_shows_each_tenant_with_its_hosts_and_not_the_operators_own_side(operator: Client) -> None:
    page = operator.get(TENANTS).content.decode()
    assert "acme.localhost" in page
    assert "globex.localhost" in page
    assert [row.schema_name for row in operator.get(TENANTS).context["cl"].result_list.order_by("pk")] == ["acme", "globex"]


def test_list_of_tenants_asks_as_often_for_three_as_for_one(operator: Client) -> None:
    def asked() -> int:
        with connection.execute_wrapper(counted):
            operator.get(TENANTS)
        return len(statements)

    statements: list[str] = []

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    two = asked()
    third = Tenant.objects.create(schema_name="third", name="Third")
    Domain.objects.create(domain="third.localhost", tenant=third)
    statements.clear()
    assert asked() == two


def test_tenant_is_made_whole_with_its_schema_role_and_host(operator: Client) -> None:
    answer = operator.post(f"{TENANTS}add/", INITECH)

    made = Tenant.objects.get(schema_name="initech")
    assert (answer.status_code, answer["location"]) == (302, _change(made))
    assert (made.name, made.time_zone, made.is_active) == ("Initech", "Europe/Berlin", True)
    assert tenant_by_host("initech.localhost") == made
    with tenant_context(made):
        assert Customer.objects.count() == 0
    assert _audited("tenant.provision") == [("tenant:initech", {"host": "initech.localhost"})]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema_name", "acme"),
        ("schema_name", "public"),
        ("schema_name", "pg_toast"),
        ("schema_name", 'x"; DROP SCHEMA acme'),
        ("host", "ACME.localhost"),
        ("host", "https://initech.localhost:8000"),
        ("host", ""),
        ("time_zone", "Mars/Olympus"),
        ("name", ""),
    ],
)
def test_bad_tenant_is_refused_beside_its_field_and_nothing_is_made(operator: Client, field: str, value: str) -> None:
    answer = operator.post(f"{TENANTS}add/", INITECH | {field: value})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors[field]
    assert set(Tenant.objects.values_list("schema_name", flat=True)) == {"acme", "globex"}


def test_tenant_is_closed_and_opened_again(operator: Client, acme: Tenant) -> None:
    assert operator.post(_change(acme), _page(acme, is_active=None)).status_code == 302
    assert tenant_by_host("acme.localhost") is None
    assert operator.post(_change(acme), _page(acme)).status_code == 302
    assert tenant_by_host("acme.localhost") == acme
    assert _audited("tenant.update") == [("tenant:acme", {"is_active": False}), ("tenant:acme", {"is_active": True})]


def test_no_tenant_and_no_person_is_deleted(operator: Client, acme: Tenant, sam: User) -> None:
    for address in (f"{TENANTS}{acme.pk}/delete/", f"{PEOPLE}{sam.pk}/delete/"):
        assert operator.post(address, {"post": "yes"}).status_code == 403
    assert Tenant.objects.filter(pk=acme.pk).exists()
    assert User.objects.filter(pk=sam.pk).exists()


def test_the_operators_own_side_cannot_be_closed(operator: Client) -> None:
    public = Tenant.objects.get_or_create(schema_name="public", defaults={"name": "Operators"})[0]
    assert operator.get(_change(public)).status_code == 302


def test_member_is_added_given_another_role_and_removed(operator: Client, globex: Tenant, sam: User) -> None:
    charlie = globex.memberships.get()
    added = {"memberships-TOTAL_FORMS": 2, "memberships-1-user": sam.pk, "memberships-1-role": "viewer"}
    changed = {"memberships-1-role": "approver"}
    removed = {"memberships-1-DELETE": "on"}

    roles = []
    for change in (added, changed, removed):
        assert operator.post(_change(globex), _page(globex, **change)).status_code == 302
        roles.append(actor_in_tenant(user=sam, tenant=globex).role)

    assert roles == ["viewer", "approver", None]
    assert list(globex.memberships.all()) == [charlie]
    assert [detail["role"] for _subject, detail in _audited("member.add")] == ["viewer", "approver"]
    assert _audited("member.remove") == [("tenant:globex", {"user": sam.pk})]


def test_another_person_in_a_members_row_takes_the_formers_place(operator: Client, globex: Tenant, sam: User) -> None:
    charlie = globex.memberships.get().user
    assert operator.post(_change(globex), _page(globex, **{"memberships-0-user": sam.pk})).status_code == 302
    assert list(globex.memberships.values_list("user", "role")) == [(sam.pk, "owner")]
    assert _audited("member.remove") == [("tenant:globex", {"user": charlie.pk})]


def test_host_is_added_and_taken_away_but_never_the_last(operator: Client, globex: Tenant) -> None:
    added = {"domains-TOTAL_FORMS": 2, "domains-1-domain": "Value.Globex.example"}
    assert operator.post(_change(globex), _page(globex, **added)).status_code == 302
    assert tenant_by_host("value.globex.example") == globex
    assert operator.post(_change(globex), _page(globex, **{"domains-1-DELETE": "on"})).status_code == 302
    assert tenant_by_host("value.globex.example") is None
    refused = operator.post(_change(globex), _page(globex, **{"domains-0-DELETE": "on"}))
    assert refused.status_code == 200
    assert tenant_by_host("globex.localhost") == globex
    assert [detail["host"] for _subject, detail in _audited("host.remove")] == ["value.globex.example"]


def test_person_is_made_and_can_log_in_where_they_are_a_member(operator: Client, globex: Tenant) -> None:
    form = {"email": "Dana@globex.example", "name": "Dana", "title": "Seller", "password": PASSWORD}
    assert operator.post(f"{PEOPLE}add/", form).status_code == 302
    dana = User.objects.get(email="dana@globex.example")
    assert dana.check_password(PASSWORD)
    assert (dana.is_staff, dana.is_superuser) == (False, False)
    assert _audited("user.create") == [(f"user:{dana.pk}", {"email": "dana@globex.example"})]


@pytest.mark.parametrize(
    ("field", "value"), [("email", "SAM@acme.example"), ("email", "no address"), ("password", "12345678"), ("name", "")]
)
def test_bad_account_is_refused_beside_its_field(operator: Client, field: str, value: str) -> None:
    form = {"email": "dana@globex.example", "name": "Dana", "title": "", "password": PASSWORD}
    answer = operator.post(f"{PEOPLE}add/", form | {field: value})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors[field]
    assert not User.objects.filter(name="Dana").exists()


def test_account_is_closed_and_its_sessions_end(operator: Client, acme: Tenant, sam: User, client_for: Any) -> None:
    sams = client_for(sam, acme)
    assert sams.get("/").status_code == 200
    with schema_context("public"):
        assert operator.post(f"{PEOPLE}{sam.pk}/change/", {"name": sam.name, "title": sam.title}).status_code == 302
    assert sams.get("/").status_code == 302
    assert _audited("user.update") == [(f"user:{sam.pk}", {"is_active": False})]


def test_operator_does_not_lock_themselves_out(operator: Client) -> None:
    olga = User.objects.get(email="olga@example.org")
    assert operator.post(f"{PEOPLE}{olga.pk}/change/", {"name": "Olga O.", "title": ""}).status_code == 302
    olga.refresh_from_db()
    assert (olga.name, olga.is_active, olga.is_staff) == ("Olga O.", True, True)


def test_members_of_tenants_see_nothing_of_it(acme: Tenant, sam: User) -> None:
    client = Client(headers={"host": settings.VOS_PUBLIC_HOST})
    with schema_context("public"):
        client.force_login(sam, backend="tenants.interfaces.accounts.PeopleBackend")
        for address in (TENANTS, _change(acme), PEOPLE):
            assert client.get(address).status_code == 302
        assert client.post(_change(acme), _page(acme, name="Mine")).status_code == 302
        assert Tenant.objects.get(pk=acme.pk).name == acme.name
    assert Membership.objects.filter(user=sam).count() == 1
