"""The ground for tenants' own database roles: the group role, the naming function, and the schema of the extensions."""

from django.db import migrations

# Roles belong to the cluster and not to one database, hence the guard. The role may have been made meanwhile.
GROUP_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vos_tenant') THEN CREATE ROLE vos_tenant NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""

# The name holds the database's, because roles are shared by all databases of a cluster (a cell, a test).
ROLE_NAME = """
CREATE FUNCTION public.vos_tenant_role(schema_name text) RETURNS name LANGUAGE sql STABLE PARALLEL SAFE
RETURN (current_database() || '__' || schema_name)::name;
"""

EXTENSIONS = """
CREATE SCHEMA IF NOT EXISTS extensions;
GRANT USAGE ON SCHEMA extensions TO vos_tenant;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions;
"""


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.RunSQL(GROUP_ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(ROLE_NAME, "DROP FUNCTION public.vos_tenant_role(text)"),
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
    ]
