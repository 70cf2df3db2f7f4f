"""Emptying what really committed."""

from django.db import connection

from tenants.postgres.roles import owning_role

_KEPT = ("django_migrations", "django_content_type", "auth_permission")
_PUBLIC = ("events_outboxevent", "scheduler_duework", "budgets_usagerecord", "budgets_reservation", "budgets_budget")

_EMPTY = """
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT format('%%I.%%I', schemaname, tablename) AS name FROM pg_tables
             WHERE (schemaname IN ('acme', 'globex') AND tablename <> ALL (%(kept)s))
                OR (schemaname = 'public' AND tablename = ANY (%(public)s))
    LOOP
        -- Append-only tables refuse TRUNCATE by trigger; their owner may switch that off.
        EXECUTE 'ALTER TABLE ' || t.name || ' DISABLE TRIGGER USER';
        EXECUTE 'TRUNCATE TABLE ' || t.name || ' CASCADE';
        EXECUTE 'ALTER TABLE ' || t.name || ' ENABLE TRIGGER USER';
    END LOOP;
END $$
"""


def empty_tenants() -> None:
    """Remove every row of both tenants and of the public work tables; people and tenants stay."""
    with owning_role(), connection.cursor() as cursor:
        cursor.execute(_EMPTY, {"kept": list(_KEPT), "public": list(_PUBLIC)})
