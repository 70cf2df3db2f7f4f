"""What django-tenants runs for each schema (``TENANT_BASE_MIGRATE_COMMAND``)."""

from typing import Any

from django.core.management.commands import migrate

from tenants.migrating.executor import SparingExecutor


class Command(migrate.Command):
    """Django's ``migrate`` with an executor of ours; it has no place to hand one in, but its module's name for it."""

    def handle(self, *args: Any, **options: Any) -> None:
        setattr(migrate, "MigrationExecutor", SparingExecutor)  # noqa: B010 - the module does not export it
        super().handle(*args, **options)
