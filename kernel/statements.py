"""Statements that are run for every call of a model or every page: for these Django's cursor costs as much as Postgres."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.numeric import Int8

# Django's own type of the connection does not know what the tenants' backend adds.
_tenant_aware: Any = connection


def fetch_planned(text: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement that stays planned on this connection, None without one; in the current schema and its role.

    Postgres binds the parameters, and plans once instead of each time. Raises Django's database errors. Where queries are logged
    it goes through Django's cursor, so that it is counted as any other.
    """
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(text, parameters)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        _tenant_aware.ensure_in_schema()
        # One width for all whole numbers: a statement is planned for each combination of types that it is given.
        given = [Int8(one) if type(one) is int else one for one in parameters]
        return psycopg.Cursor(_tenant_aware.connection).execute(text, given, prepare=True).fetchone()
