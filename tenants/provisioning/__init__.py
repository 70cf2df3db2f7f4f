"""Making tenants: schema, tables, Postgres role and grants, hosts."""
