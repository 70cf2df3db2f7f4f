"""The database backend: switching to a tenant switches the search path *and* the Postgres role, in one statement.

Subclass of django-tenants' backend. What runs in a tenant's context runs as that tenant's role, so that even raw SQL reads
nothing of another tenant's. See docs/adr/0003.
"""

from typing import Any

import psycopg
from django.db.utils import DatabaseError
from django.utils.asyncio import async_unsafe
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantWrapper
from django_tenants.utils import get_limit_set_calls, get_public_schema_name

from tenants.postgres.roles import owning_role_is_on, tenant_role

_SWITCH = "SELECT set_config('search_path', %s, false), set_config('role', %s, false), set_config('vos.tenant', %s, false)"


class DatabaseWrapper(TenantWrapper):
    """django-tenants' wrapper with a role per tenant."""

    search_path_set_schemas: list[str] | None
    _setting_search_path: bool

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path or (get_limit_set_calls() and self.search_path_set_schemas):
            return
        paths = self._get_cursor_search_paths()
        self._setting_search_path = True
        own = self.connection.cursor() if cursor is None else cursor
        try:
            own.execute(_SWITCH, [", ".join(f'"{p}"' for p in paths), self._role(), self.schema_name])
        except (DatabaseError, psycopg.Error) as error:
            self.search_path_set_schemas = None
            if not _transaction_is_aborted(error):
                # Going on would run the statement under whatever role the connection had before.
                raise
        else:
            self.search_path_set_schemas = paths
        finally:
            self._setting_search_path = False
            if cursor is None:
                own.close()

    def ensure_in_schema(self) -> None:
        """Be connected, in the current schema and as its role, for a statement that goes through no cursor of Django's."""
        self.ensure_connection()
        self._handle_search_path()

    def _role(self) -> str:
        """The role to work as: a tenant's, or ``none``, which is the owning role that logged in."""
        if self.schema_name == get_public_schema_name() or owning_role_is_on():
            return "none"
        return tenant_role(self.settings_dict["NAME"], self.schema_name)

    @async_unsafe
    def init_connection_state(self) -> None:
        # A pooled connection comes back with the role of its last user; nothing may be assumed of it.
        self.search_path_set_schemas = None
        super().init_connection_state()


def _transaction_is_aborted(error: Exception) -> bool:
    # Django still needs a cursor to roll back with; any other statement fails by itself.
    return isinstance(error.__cause__ or error, psycopg.errors.InFailedSqlTransaction)
