"""Emptying what really committed, and keeping it for those who start from the same."""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from tenants.postgres.roles import owning_role

_KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Of the public schema, who there is. Everything else there was committed by a test.
_PEOPLE = "tenants_%"

_TABLES = """
SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables
WHERE schemaname IN ('public', 'acme', 'globex') AND tablename <> ALL (%(kept)s)
  AND NOT (schemaname = 'public' AND tablename LIKE %(people)s)
"""


# Those that refuse to be emptied, by a trigger of their own (32: before TRUNCATE).
_APPEND_ONLY = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname IN ('public', 'acme', 'globex') AND NOT tgisinternal AND tgtype & 32 > 0
"""


def empty_tenants() -> None:
    """Remove every row of both tenants and of the public schema; people and tenants stay."""
    with owning_role(), connection.cursor() as cursor:
        tables = _with_rows(cursor)
        if not tables:
            return
        cursor.execute(_APPEND_ONLY)
        # Their owner may switch that off. Also where they are empty: emptying what they refer to empties them.
        switch = "".join(f"ALTER TABLE {table} {{0}} TRIGGER USER;" for (table,) in cursor.fetchall())
        cursor.execute(switch.format("DISABLE") + f"TRUNCATE {', '.join(tables)} CASCADE;" + switch.format("ENABLE"))


def _with_rows(cursor: CursorWrapper) -> list[str]:
    """Most tables are empty, and emptying one costs a hundred times what looking into it does."""
    cursor.execute(_TABLES, {"kept": list(_KEPT), "people": _PEOPLE})
    looks = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for (table,) in cursor.fetchall()]
    cursor.execute(" UNION ALL ".join(looks))
    return [table for (table,) in cursor.fetchall()]


def rows_kept() -> dict[str, bytes]:
    """Every row that ``empty_tenants`` would remove, by table, for ``rows_put`` here or in another database of this session."""
    with owning_role(), connection.cursor() as cursor:
        kept = {}
        for table in _with_rows(cursor):
            with cursor.cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                kept[table] = b"".join(copy)
        return kept


def rows_put(kept: dict[str, bytes]) -> None:
    """Commit these rows, as they were, in place of what is there; new ones come after them."""
    empty_tenants()
    with owning_role(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TRIGGERED, [list(kept)])
        # What these do was done to the rows when they were new.
        switch = "".join(f"ALTER TABLE {table} {{0}} TRIGGER USER;" for (table,) in cursor.fetchall())
        cursor.execute(switch.format("DISABLE"))
        for table, rows in kept.items():
            with cursor.cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(rows)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table is not altered before its references were looked at
        cursor.execute(switch.format("ENABLE"))
        cursor.execute(_SEQUENCES, [list(kept)])
        for table, column, sequence in cursor.fetchall():
            newest = f"SELECT greatest((SELECT max({column}) FROM {table}), (SELECT last_value FROM {sequence}))"
            cursor.execute(f"SELECT setval('{sequence}', ({newest}))")


_TRIGGERED = """
SELECT kept FROM unnest(%s::text[]) AS kept
WHERE EXISTS (SELECT FROM pg_trigger WHERE tgrelid = kept::regclass AND NOT tgisinternal)
"""
_SEQUENCES = """
SELECT kept, quote_ident(attname), pg_get_serial_sequence(kept, attname) FROM unnest(%s::text[]) AS kept
JOIN pg_attribute ON attrelid = kept::regclass
WHERE attnum > 0 AND NOT attisdropped AND pg_get_serial_sequence(kept, attname) IS NOT NULL
"""
