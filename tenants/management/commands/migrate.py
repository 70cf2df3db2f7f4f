"""``migrate`` is ``migrate_schemas``: every schema, as the owning role."""

from tenants.management.commands.migrate_schemas import Command

__all__ = ["Command"]
