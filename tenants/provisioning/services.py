"""Provisioning writes: a tenant exists whole or not at all."""

from django.db import transaction

from kernel.audit.services import audit_record
from kernel.schemas import enter_public
from tenants.models import Domain, Portfolio, Tenant
from tenants.postgres.roles import owning_role
from tenants.provisioning.database import grant_schema, make_role, make_schema


def tenant_provision(
    *, schema_name: str, name: str, host: str, actor: str, portfolio: Portfolio | None = None, is_demo: bool = False
) -> Tenant:
    """Make a tenant with its schema, database role and host; everything commits together.

    Raises ValidationError for a bad schema name or a name or host that is taken.
    """
    tenant = Tenant(schema_name=schema_name, name=name, portfolio=portfolio, is_demo=is_demo)
    domain = Domain(domain=host, tenant=tenant, is_primary=True)
    tenant.full_clean()
    domain.clean_fields(exclude=["tenant"])
    enter_public()
    with transaction.atomic(), owning_role():
        tenant.save()
        domain.tenant = tenant
        domain.save()
        make_schema(schema_name)
        make_role(schema_name)
        grant_schema(schema_name)
        audit_record(actor=actor, action="tenant.provision", subject=f"tenant:{schema_name}", detail={"host": host})
    return tenant
