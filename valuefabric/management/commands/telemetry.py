"""``manage.py telemetry ingest FILE``: measurements of a customer, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from tenants.actors import SYSTEM_ACTOR
from valuefabric.domain.evidence import EvidenceError
from valuefabric.management.places import add_place, content_of, customer_named, tenant_named
from valuefabric.services.telemetry import telemetry_ingest


class Command(BaseCommand):
    """A file is taken in whole or not at all; taking it in again adds nothing."""

    help = "Take in measurements (CSV or JSON: observed_at, kpi, value, unit, source_system)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ingesting = parser.add_subparsers(dest="verb", required=True).add_parser("ingest", help="store a file's measurements")
        ingesting.add_argument("file")
        add_place(ingesting)

    def handle(self, *_args: Any, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        filename, content = content_of(options["file"])
        with tenant_context(tenant):
            customer = customer_named(options["customer"])
            try:
                taken = telemetry_ingest(customer=customer, filename=filename, content=content, actor=SYSTEM_ACTOR)
            except EvidenceError as error:
                raise CommandError(f"{options['file']}: {error}") from error
        label = " (synthetic)" if taken.synthetic else ""
        self.stdout.write(f"{taken.added} measurements added{label}, {taken.repeated} were there already.")
        if taken.unknown_kpis:
            self.stdout.write(f"Nothing that was promised is measured by: {', '.join(taken.unknown_kpis)}.")
