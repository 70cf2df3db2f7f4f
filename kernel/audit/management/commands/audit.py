"""``manage.py audit verify|seal``: hold every schema's audit chain against its records."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django_tenants.utils import schema_context

from kernel.audit.selectors import verify_chain
from kernel.audit.services import audit_seal


class Command(BaseCommand):
    help = "Verify (or seal) the audit chain of each schema; exits 1 if a chain is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["verify", "seal"])
        parser.add_argument("--schema", help="only this schema")

    def handle(self, *args: Any, **options: Any) -> None:
        schemas = [options["schema"]] if options["schema"] else audited_schemas()
        run = self._seal if options["verb"] == "seal" else self._verify
        broken = [schema for schema in schemas if not run(schema)]
        if broken:
            raise CommandError(f"The audit chain is broken in: {', '.join(broken)}.")

    def _verify(self, schema: str) -> bool:
        with schema_context(schema):
            found = verify_chain()
        state = "holds" if found.holds else f"BROKEN at link {found.broken_at}: {found.reason}"
        self.stdout.write(f"{schema}: {state}; {found.sealed} sealed, {found.unsealed} not sealed yet")
        return found.holds

    def _seal(self, schema: str) -> bool:
        with schema_context(schema):
            self.stdout.write(f"{schema}: {audit_seal()} records sealed")
        return True


def audited_schemas() -> list[str]:
    """Every schema that holds an audit log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'audit_auditrecord' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]
