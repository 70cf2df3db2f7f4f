"""What migrating left in the schemas is what the models say."""

from collections import defaultdict

import pytest
from django.apps import apps
from django.db import connection, migrations, router
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import schema_context

from tenants.migrating.executor import SparingExecutor
from tenants.models import Tenant

COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"


def _columns(schema: str) -> dict[str, set[str]]:
    columns: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [schema])
        for table, column in cursor.fetchall():
            columns[table].add(column)
    return columns


@pytest.mark.parametrize("schema", ["public", "acme"])
def test_each_model_has_its_table_and_columns_and_no_other_has(schema: str, acme: Tenant) -> None:
    tables = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy]
    with schema_context(schema):
        own = [model for model in tables if router.allow_migrate_model("default", model)]
    found = _columns(schema)
    expected = {model._meta.db_table: {field.column for field in model._meta.local_concrete_fields} for model in own}
    assert {table: found.get(table) for table in expected} == expected
    assert {model._meta.db_table for model in tables if model not in own} & found.keys() == set()


def test_every_migration_is_remembered_in_every_schema(acme: Tenant) -> None:
    known = set(SparingExecutor(connection).loader.graph.nodes)
    for schema in ("public", "acme"):
        with schema_context(schema):
            assert known == set(MigrationRecorder(connection).applied_migrations())


def test_operations_that_may_not_ask_the_router_are_run(in_acme: Tenant) -> None:
    class Own(migrations.RunSQL):
        """An operation of somebody else's."""

    executor = SparingExecutor(connection)
    shared = Migration("0009", "tenants")
    shared.operations = [migrations.RunSQL("SELECT 1")]
    assert not executor._has_tables_here(shared)
    shared.operations = [Own("SELECT 1")]
    assert executor._has_tables_here(shared)
