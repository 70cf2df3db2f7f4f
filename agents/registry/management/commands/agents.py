"""``manage.py agents register``: bring the catalogue's manifests into the registry."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agents.registry.services import catalog_register
from kernel.actors import SYSTEM


class Command(BaseCommand):
    help = "Register the manifests of agents/catalog; known ones stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["register"])

    def handle(self, *args: Any, **options: Any) -> None:
        for row in catalog_register(actor=SYSTEM):
            self.stdout.write(f"{row.name} {row.version} {'enabled' if row.is_enabled else 'disabled'}")
