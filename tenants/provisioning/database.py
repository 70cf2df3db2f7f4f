"""The Postgres side of a tenant: schema and tables by migrations, a role, and what the role may do."""

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from kernel.rls import GROUP_ROLE
from kernel.schemas import enter_public
from tenants.postgres.roles import tenant_role

# Tenants' data may be changed, its tables may not be; append-only tables take back UPDATE and DELETE by triggers of their own.
_GRANTS = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE INSERT, UPDATE, DELETE ON {schema}.django_migrations FROM {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""

# SET without INHERIT: the connection can become the role, but is not it by itself.
_ROLE = """
CREATE ROLE {role} NOLOGIN;
GRANT {group} TO {role};
GRANT {role} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
"""


def make_schema(schema_name: str) -> None:
    """Make the schema and migrate it to the present, inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema_name)).as_string())
    call_command("migrate_schemas", tenant=True, schema_name=schema_name, interactive=False, verbosity=0)
    enter_public()


def make_role(schema_name: str) -> None:
    """Make the tenant's role, unless the cluster has it from a former database of the same name."""
    role = tenant_role(connection.settings_dict["NAME"], schema_name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            _run(_ROLE, role=role, group=GROUP_ROLE)


def grant_schema(schema_name: str) -> None:
    """Let the tenant's role use its schema, now and after later migrations."""
    _run(_GRANTS, schema=schema_name, role=tenant_role(connection.settings_dict["NAME"], schema_name))


def _run(text: str, **names: str) -> None:
    statement = sql.SQL(text).format(**{key: sql.Identifier(name) for key, name in names.items()})
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string())
