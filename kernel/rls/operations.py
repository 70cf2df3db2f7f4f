"""Migration operations that open a public table to tenants, and no further than stated. Default is deny: no grant, no row."""

from typing import Any

from django.db import migrations

GROUP_ROLE = "vos_tenant"


class OwnRowsTable(migrations.RunSQL):
    """Grant tenants ``grants`` on ``table`` for the rows for which the SQL ``condition`` holds.

    ``grants`` is the text of a GRANT's privileges and may name columns (``SELECT, UPDATE (last_login)``). The owning role
    (migrations, operators, relay) is not bound by the policy.
    """

    def __init__(self, table: str, *, condition: str, grants: str = "SELECT") -> None:
        self.table, self.condition, self.grants = table, condition, grants
        super().__init__(self._open(), self._close())

    def _open(self) -> str:
        name = f'public."{self.table}"'
        return (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
            f"CREATE POLICY tenant_rows ON {name} TO {GROUP_ROLE} USING ({self.condition}) WITH CHECK ({self.condition});"
            f"GRANT {self.grants} ON {name} TO {GROUP_ROLE};"
            f"{_grant_sequences(self.table) if 'INSERT' in self.grants else ''}"
        )

    def _close(self) -> str:
        name = f'public."{self.table}"'
        return (
            f"REVOKE ALL ON {name} FROM {GROUP_ROLE};"
            f"DROP POLICY tenant_rows ON {name};"
            f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;"
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.table], {"condition": self.condition, "grants": self.grants}


class TenantTable(OwnRowsTable):
    """A public table whose rows name their tenant in a column of schema names."""

    def __init__(self, table: str, *, schema_column: str = "schema_name", grants: str = "SELECT") -> None:
        super().__init__(table, condition=f'current_user = vos_tenant_role("{schema_column}")', grants=grants)


class SharedReadTable(migrations.RunSQL):
    """A public table without tenants' rows that every tenant may read, or only the ``columns`` named."""

    def __init__(self, table: str, *, columns: tuple[str, ...] | None = None) -> None:
        what = f"SELECT ({', '.join(columns)})" if columns else "SELECT"
        super().__init__(f'GRANT {what} ON public."{table}" TO {GROUP_ROLE}', f'REVOKE ALL ON public."{table}" FROM {GROUP_ROLE}')


def _grant_sequences(table: str) -> str:
    # Identity columns need no grant; a table without an identity or serial column has no sequence to grant.
    return (
        f"DO $$ DECLARE s text := pg_get_serial_sequence('public.\"{table}\"', 'id');"
        f" BEGIN IF s IS NOT NULL THEN EXECUTE format('GRANT USAGE ON SEQUENCE %s TO {GROUP_ROLE}', s); END IF;"
        " EXCEPTION WHEN undefined_column THEN NULL; END $$;"
    )
