"""django-tenants' ``migrate_schemas``, run as the owning role: a tenant's role may use its tables but not change them."""

from typing import Any

from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from tenants.postgres.roles import owning_role


class Command(MigrateSchemasCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        with owning_role():
            super().handle(*args, **options)
