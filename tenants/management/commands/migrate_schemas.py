"""django-tenants' ``migrate_schemas``, run as the owning role: a tenant's role may use its tables but not change them.

Tenants' rows that repeat what the product's files say are brought up to date with it (``workflow sync``).
"""

from typing import Any

from django.core.management import call_command
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from tenants.postgres.roles import owning_role


class Command(MigrateSchemasCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        with owning_role():
            super().handle(*args, **options)
        # Only with all tables as this version has them.
        if self.sync_tenant and not (options.get("app_label") or options.get("plan") or options.get("check_unapplied")):
            call_command("workflow", "sync", stdout=self.stdout)
