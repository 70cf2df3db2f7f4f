"""``manage.py workflow``: check and list definitions; look at a tenant's runs, mend them, replay what failed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import get_public_schema_name, schema_context

from tenants.models import Tenant
from workflows.definition import DefinitionError, definition_read
from workflows.definition.schema import schema_text
from workflows.library import definitions
from workflows.management.operators import OPERATED, add_verbs, operate
from workflows.publishing.declared import declared_problems
from workflows.publishing.upgrading import installed_sync
from workflows.wiring import wiring_problems


class Command(BaseCommand):
    """Definitions need no database; everything else names its tenant by ``--schema``."""

    help = "Check and list definitions of workflows; look at a tenant's runs, mend them, replay what failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        validate = verbs.add_parser("validate", help="Say what is wrong with files, by line and step; fails if anything is.")
        validate.add_argument("files", nargs="+", type=Path)
        verbs.add_parser("list", help="Name, version, hash and steps of the library.")
        verbs.add_parser("sync", help="After an upgrade: all tenants' installed triggers and limits; migrate does it by itself.")
        verbs.add_parser("schema", help="The JSON schema of definitions, for editors; static/schemas/ has it as a file.")

        add_verbs(verbs)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] in OPERATED:
            self._operate(options)
        elif options["verb"] == "list":
            self._list()
        elif options["verb"] == "sync":
            self._sync()
        elif options["verb"] == "schema":
            self.stdout.write(schema_text(), ending="")
        else:
            self._validate(options["files"])

    def _operate(self, options: dict[str, Any]) -> None:
        try:
            with schema_context(options["schema"]):
                for line in operate(options):
                    self.stdout.write(line.rstrip())
        except ValueError as refused:
            raise CommandError(str(refused)) from refused

    def _list(self) -> None:
        for definition in definitions().values():
            self.stdout.write(
                f"{definition.name} {definition.version} {definition.content_hash[:19]} {' '.join(definition.steps)}"
            )

    def _sync(self) -> None:
        for schema in Tenant.objects.exclude(schema_name=get_public_schema_name()).values_list("schema_name", flat=True):
            with schema_context(schema):
                for sentence in installed_sync():
                    self.stdout.write(f"{schema}: {sentence}")

    def _validate(self, files: list[Path]) -> None:
        faults = [line for file in files for line in self._faults(file)]
        if faults:
            raise CommandError("\n".join(faults))

    def _faults(self, file: Path) -> list[str]:
        try:
            definition = definition_read(file.read_text(encoding="utf-8"), filename=str(file))
        except (OSError, UnicodeDecodeError) as error:
            return [f"{file}: cannot be read: {error}"]
        except DefinitionError as error:
            return list(error.lines)
        faults = [f"{file}: {line}" for line in [*wiring_problems(definition), *declared_problems(definition)]]
        if not faults:
            self.stdout.write(
                f"{file}: {definition.name} {definition.version}, {len(definition.steps)} steps, {definition.content_hash}"
            )
        return faults
