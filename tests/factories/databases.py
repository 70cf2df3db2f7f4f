"""Emptying what really committed."""

from django.db import connection

from tenants.postgres.roles import owning_role

_KEPT = ("django_migrations", "django_content_type", "auth_permission")
_PUBLIC = (
    "events_outboxevent",
    "scheduler_duework",
    "budgets_usagerecord",
    "budgets_reservation",
    "budgets_budget",
    "llm_modeldeployment",
)

_TABLES = """
SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables
WHERE (schemaname IN ('acme', 'globex') AND tablename <> ALL (%(kept)s))
   OR (schemaname = 'public' AND tablename = ANY (%(public)s))
"""


def empty_tenants() -> None:
    """Remove every row of both tenants and of the public work tables; people and tenants stay."""
    with owning_role(), connection.cursor() as cursor:
        cursor.execute(_TABLES, {"kept": list(_KEPT), "public": list(_PUBLIC)})
        tables = [row[0] for row in cursor.fetchall()]
        # Append-only tables refuse TRUNCATE by trigger; their owner may switch that off.
        switch = "".join(f"ALTER TABLE {table} {{0}} TRIGGER USER;" for table in tables)
        cursor.execute(switch.format("DISABLE") + f"TRUNCATE {', '.join(tables)} CASCADE;" + switch.format("ENABLE"))
