"""The schema that the current work runs in: the tenant-aware database connection, with types."""

from typing import Any

from django.db import connection

# Django's own type of the connection does not know what the tenants' backend adds.
_tenant_aware: Any = connection


def current_schema() -> str:
    """Name of the schema of the moment: a tenant's, or ``public``."""
    name: str = _tenant_aware.schema_name
    return name


def enter_public() -> None:
    """Work in the public schema, as the owning role, from the next statement on."""
    _tenant_aware.set_schema_to_public()


def enter_schema(tenant: Any) -> None:
    """Work in a tenant's schema (anything with a ``schema_name``), as its role, from the next statement on."""
    _tenant_aware.set_tenant(tenant)


def ensure_in_schema() -> None:
    """Be connected, in the current schema and as its role, for a statement that goes through no cursor of Django's."""
    _tenant_aware.ensure_in_schema()


def forget_setting() -> None:
    """Have the next statement set search path and role anew."""
    _tenant_aware.search_path_set_schemas = None
