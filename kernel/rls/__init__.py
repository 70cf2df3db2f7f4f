"""Row-level security for public tables that hold rows of several tenants.

Each tenant has a Postgres role named by ``vos_tenant_role(schema_name)`` and is a member of the group role ``vos_tenant``.
Policies compare that name with ``current_user`` and not with a setting, because text running as the tenant could change a
setting, but cannot become another role in the statement that reads.
"""

from kernel.rls.operations import GROUP_ROLE, OwnRowsTable, SharedReadTable, TenantTable

__all__ = ["GROUP_ROLE", "OwnRowsTable", "SharedReadTable", "TenantTable"]
