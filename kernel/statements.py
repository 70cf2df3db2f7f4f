"""Statements that are run for every call of a model or every page: for these Django's cursor costs as much as Postgres."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

import psycopg
from django.db import NotSupportedError, connection
from django.db.models import QuerySet
from psycopg.types.numeric import Int8

from kernel.schemas import ensure_in_schema


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
    try:
        return _planned(text, parameters)
    except NotSupportedError:
        # Since it was planned, a migration has changed the types of what it gives. A new connection plans anew.
        if connection.in_atomic_block:
            raise
        connection.close()
        return _planned(text, parameters)


def _planned(text: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        ensure_in_schema()
        # One width for all whole numbers: a statement is planned for each combination of types that it is given.
        given = [Int8(one) if type(one) is int else one for one in parameters]
        return psycopg.Cursor(connection.connection).execute(text, given, prepare=True).fetchone()


# Stands in a query for the value at this place until there is one.
_MARKS: dict[type, Callable[[int], Any]] = {
    str: "\ue000{}".format,
    int: lambda place: -1_000_003 - place,
    UUID: lambda place: UUID(int=1_000_003 + place),
}


class PlannedQuery:
    """A query that Django writes once and Postgres plans once on each connection, run with other values each time.

    ``write`` makes it, of ``values_list``, from one value of each of ``kinds``, which must reach the parameters unchanged.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, Any]], kinds: Sequence[type[str | int | UUID]] = (str,)) -> None:
        self._write = write
        self._marks = tuple(_MARKS[kind](place) for place, kind in enumerate(kinds))

    def first(self, *values: str | int | UUID) -> tuple[Any, ...] | None:
        """The first row for these values, or None."""
        text, marked = self._written
        given = dict(zip(self._marks, values, strict=True))
        return fetch_planned(text, [given.get(one, one) for one in marked])

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        text, marked = self._write(*self._marks)[:1].query.sql_with_params()
        if missing := set(self._marks) - set(marked):
            raise ValueError(f"{len(missing)} values stand in no parameter of this query as they were given: {text}")
        return text, tuple(marked)
