"""Going back: what a migration replaced in the database stands there again."""

from importlib import import_module

import pytest
from django.db import connection

from tenants.postgres.roles import owning_role

pytestmark = pytest.mark.usefixtures("in_acme")

BACK = ("0005_held_and_finished", "0004_claim_and_close", "0003_records", "0002_children_and_signals")


def _statements(name: str) -> list[str]:
    """What goes back does in the database besides columns and indexes, in its order."""
    operations = import_module(f"workflows.migrations.{name}").Migration.operations
    return [
        operation.reverse_sql
        for operation in reversed(operations)
        if getattr(operation, "reverse_sql", "") and not operation.state_operations
    ]


def _guards() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname || ' ' || tgrelid::regclass, pg_get_triggerdef(oid) || pg_get_functiondef(tgfoid) FROM pg_trigger"
            " WHERE tgrelid IN ('workflows_execution'::regclass, 'workflows_step'::regclass) AND NOT tgisinternal"
        )
        return dict(cursor.fetchall())


def test_going_back_restores_the_former_guards() -> None:
    """By the text of what 0001 made: every guard of it, at every UPDATE, and no other."""
    with owning_role(), connection.cursor() as cursor:
        for name in BACK:
            for statement in _statements(name):
                cursor.execute(statement)
        found = _guards()
        # Once more from nothing, by 0001 itself.
        initial = import_module("workflows.migrations.0001_initial")
        cursor.execute(initial.UNGUARD)
        cursor.execute(initial.GUARDS)
        assert found == _guards()
    assert sorted(found) == ["guard workflows_execution", "guard workflows_step"]
