"""Promise 6: a tenant cannot see another, not by guessing ids, not through a task or a socket, not with raw SQL."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from kernel.audit.services import audit_record
from kernel.budgets.models import Budget
from kernel.events.services import event_emit
from kernel.scheduler.duework.services import due_work_put
from tenants.models import Membership, Tenant, User
from tenants.postgres.roles import tenant_role

# Public tables that hold several tenants' rows, and the column that says whose a row is.
OF_TENANTS = [
    ("tenants_tenant", "schema_name"),
    ("events_outboxevent", "schema_name"),
    ("scheduler_duework", "schema_name"),
    ("budgets_budget", "schema_name"),
]


@pytest.fixture
def secret_of_globex(globex: Tenant) -> None:
    """Data that could leak."""
    with tenant_context(globex):
        audit_record(actor="user:9", action="secret.keep", subject="case:9")


@pytest.fixture
def works_of_both(in_acme: Tenant, globex: Tenant) -> None:
    """An event, a piece of due work and a budget in each tenant."""
    for tenant in (in_acme, globex):
        with tenant_context(tenant):
            event_emit(topic="value.customer.created", aggregate="customer:1", data={"customer": "1"}, actor="user:1")
            due_work_put(kind="x", reference="y", due_at=timezone.now())
        with schema_context("public"):
            Budget.objects.create(schema_name=tenant.schema_name, scope="tenant", window="total", limit_tokens=1)


def _rows(statement: str) -> list[tuple]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_a_tenants_context_is_the_tenants_role(in_acme: Tenant) -> None:
    assert _rows("SELECT current_user") == [(tenant_role(connection.settings_dict["NAME"], "acme"),)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM globex.audit_auditrecord",
        "SELECT * FROM public.audit_auditrecord",
        "SELECT * FROM public.django_session",
        "SELECT * FROM public.django_admin_log",
        "CREATE TABLE globex.trap (x int)",
        "CREATE TABLE acme.trap (x int)",
    ],
)
def test_raw_sql_beyond_the_own_schema_is_refused(in_acme: Tenant, secret_of_globex: None, statement: str) -> None:
    with tenant_context(in_acme), pytest.raises(ProgrammingError, match="permission denied"):
        _rows(statement)


def test_raw_sql_over_public_tables_finds_own_rows_only(in_acme: Tenant, globex: Tenant) -> None:
    assert _rows("SELECT schema_name FROM public.tenants_tenant") == [("acme",)]
    assert _rows("SELECT domain FROM public.tenants_domain") == [("acme.localhost",)]
    assert all(email.endswith("@acme.example") for (email,) in _rows("SELECT email FROM public.tenants_user"))
    assert Membership.objects.exclude(tenant=in_acme).count() == 0


@pytest.mark.parametrize(("table", "column"), OF_TENANTS)
def test_changing_the_tenant_setting_by_sql_opens_nothing(in_acme: Tenant, works_of_both: None, table: str, column: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('vos.tenant', 'globex', true)")
        cursor.execute(f"SELECT DISTINCT {column} FROM public.{table}")
        assert cursor.fetchall() == [("acme",)]


def test_no_row_policy_believes_a_setting(in_acme: Tenant) -> None:
    policies = _rows("SELECT tablename, concat_ws(' ', qual, with_check) FROM pg_policies WHERE schemaname = 'public'")
    assert {table for table, _column in OF_TENANTS} <= {table for table, _condition in policies}
    assert [table for table, condition in policies if "current_setting" in condition or condition == "true"] == []


def test_writing_a_public_row_for_another_tenant_is_refused(in_acme: Tenant) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO scheduler_duework (schema_name, kind, reference, due_at) VALUES ('globex', 'x', 'y', now())"
            )


def test_making_oneself_an_operator_is_refused(in_acme: Tenant) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        User.objects.update(is_staff=True)


def test_role_comes_back_after_a_rollback(in_acme: Tenant) -> None:
    acme_role = tenant_role(connection.settings_dict["NAME"], "acme")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with schema_context("globex"):
            raise ZeroDivisionError
    assert _rows("SELECT current_user") == [(acme_role,)]


def test_switch_to_a_schema_without_a_role_runs_nothing(in_acme: Tenant) -> None:
    with pytest.raises(Exception, match="role"), transaction.atomic(), schema_context("nowhere"):
        _rows("SELECT 1")
