"""``manage.py model SUBCOMMAND``: models as files, without the database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from valuefabric.management.model_commands import subcommands


class Command(BaseCommand):
    """What the subcommands do, and their exit status, is told in ``valuefabric/management/model_commands/``."""

    help = "Compute a model file (docs/model-format.md), and more that models and spreadsheets as files can be put to."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        adding = parser.add_subparsers(dest="subcommand", required=True)
        for subcommand in subcommands().values():
            subcommand.add_arguments(adding.add_parser(subcommand.name, help=subcommand.help))

    def handle(self, *args: Any, **options: Any) -> None:
        subcommands()[options["subcommand"]].run(options, self.stdout.write)
