"""The database's clock, by which every term is judged: a worker whose clock is wrong neither lengthens nor shortens it."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The moment by the database's clock, not by its transaction's beginning: a lock may have been waited for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]
