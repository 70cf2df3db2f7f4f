"""Emptying what really committed."""

from django.db import connection
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
