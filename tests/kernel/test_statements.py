"""Statements that stay planned: as Django's cursor, but cheaper."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import DataError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from kernel.statements import PlannedQuery, fetch_planned
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make
from valuefabric.models import Customer

pytestmark = pytest.mark.django_db


def test_a_statement_is_planned_once_whatever_the_size_of_its_numbers() -> None:
    text = "SELECT %s + 1, %s::text, 'planned once'"
    assert [fetch_planned(text, [number, "a"]) for number in (1, 2**40)] == [
        (number + 1, "a", "planned once") for number in (1, 2**40)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%planned once%%' AND from_sql = false")
        assert cursor.fetchone() == (1,)


def test_without_a_row_there_is_none() -> None:
    assert fetch_planned("SELECT 1 WHERE %s", [False]) is None


def test_it_runs_in_the_schema_and_as_the_role_of_the_moment(acme: Tenant, globex: Tenant) -> None:
    found = []
    for tenant in (acme, globex):
        with tenant_context(tenant):
            found.append(fetch_planned("SELECT current_schema(), current_user::text LIKE '%%__' || %s", [tenant.schema_name]))
    assert found == [("acme", True), ("globex", True)]


def test_its_errors_are_django_s_and_nothing_runs_in_a_broken_transaction() -> None:
    def divide() -> None:
        with transaction.atomic():
            fetch_planned("SELECT 1 / %s", [0])

    with pytest.raises(DataError, match="division by zero"):
        divide()
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_planned("SELECT %s", [1])


def test_it_is_counted_where_queries_are() -> None:
    fetch_planned("SELECT %s", [1])  # the connection is in its schema by now
    with CaptureQueriesContext(connection) as captured:
        assert fetch_planned("SELECT %s::bigint", [1]) == (1,)
    assert len(captured) == 1


def test_a_planned_query_answers_for_the_values_it_is_asked_with(acme: Tenant, globex: Tenant) -> None:
    names = PlannedQuery(
        lambda schema, most: Tenant.objects.filter(schema_name=schema, pk__lt=most).values_list("name"), (str, int)
    )
    most = max(acme.pk, globex.pk) + 1
    assert [names.first(one.schema_name, most) for one in (acme, globex)] == [(acme.name,), (globex.name,)]
    assert names.first("acme", acme.pk) is names.first("nobody", most) is None


def test_a_planned_query_is_asked_for_an_id(in_acme: Tenant, alice: User, actor_for: Callable[[User], Actor]) -> None:
    ids = PlannedQuery(lambda customer: Customer.objects.filter(public_id=customer).values_list("public_id"), (UUID,))
    first, second = (customer_make(actor_for(alice), name=name).public_id for name in ("First company", "Second company"))
    assert [ids.first(one) for one in (first, second, uuid4())] == [(first,), (second,), None]


def test_a_planned_query_that_changes_its_value_before_it_is_a_parameter_is_refused() -> None:
    names = PlannedQuery(lambda schema: Tenant.objects.filter(schema_name__contains=schema).values_list("name"))
    with pytest.raises(ValueError, match="stand in no parameter"):
        names.first("acme")
