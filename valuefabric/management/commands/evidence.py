"""``manage.py evidence add|list``: documents of a customer, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from tenants.actors import SYSTEM_ACTOR
from valuefabric.domain.evidence import EvidenceError
from valuefabric.management.places import add_place, content_of, customer_named, tenant_named
from valuefabric.models import Customer
from valuefabric.models.value_tree import CLASSIFICATIONS
from valuefabric.services.evidence import Classification, evidence_add


class Command(BaseCommand):
    """Adding the same content again adds nothing. A file that cannot be used stops the command; those before it are kept."""

    help = "Add documents (text, JSON, CSV, XLSX) to a customer, or list those there are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subcommands = parser.add_subparsers(dest="verb", required=True)
        adding = subcommands.add_parser("add", help="store files as evidence")
        adding.add_argument("files", nargs="+")
        adding.add_argument("--classification", choices=CLASSIFICATIONS, help="how sensitive they are (default: confidential)")
        add_place(adding)
        add_place(subcommands.add_parser("list", help="show what is stored"))

    def handle(self, *_args: Any, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        with tenant_context(tenant):
            customer = customer_named(options["customer"])
            if options["verb"] == "add":
                for name in options["files"]:
                    self._add(customer, name, options["classification"])
            else:
                self._list(customer)

    def _add(self, customer: Customer, name: str, classification: Classification | None) -> None:
        filename, content = content_of(name)
        try:
            stored = evidence_add(
                customer=customer, filename=filename, content=content, actor=SYSTEM_ACTOR, classification=classification
            )
        except EvidenceError as error:
            raise CommandError(f"{name}: {error}") from error
        self.stdout.write(f"{stored.public_id}  {stored.kind:<5} {stored.size:>9,}  {stored.filename}")

    def _list(self, customer: Customer) -> None:
        for row in customer.evidence.order_by("added_at", "id").defer("text"):
            self.stdout.write(f"{row.public_id}  {row.kind:<5} {row.size:>9,}  {row.filename}")
