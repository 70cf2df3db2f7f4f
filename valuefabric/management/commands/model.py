"""``manage.py model compute FILE``: any model file, computed without the database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.model import ModelFileError, compare, compute, load_model
from valuefabric.domain.model.report import as_json, as_table

UNUSABLE_FILE = 2
WRONG_FIGURE = 1


class Command(BaseCommand):
    """Exit status 0: computed, and every published figure met; 1: a figure is off; 2: the file cannot be used."""

    help = "Compute a model file (docs/model-format.md) and compare it with the figures published for it."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        subcommands = parser.add_subparsers(dest="subcommand", required=True)
        computing = subcommands.add_parser("compute", help="print every row and measure")
        computing.add_argument("file", help="a model file in YAML or JSON; - reads standard input")
        computing.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")
        computing.add_argument("--scenario", choices=("base", "low", "high"), default="base", help="which end of the ranges")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = load_model(_read(options["file"]))
            computation = compute(document, scenario=options["scenario"])
        except (ModelFileError, FormulaError) as error:
            raise CommandError(f"{options['file']}: {error}", returncode=UNUSABLE_FILE) from error
        compared = compare(document, computation) if options["scenario"] == "base" else ()
        report = as_json if options["as_json"] else as_table
        self.stdout.write(report(document, computation, compared))
        if off := [figure for figure in compared if not figure.agrees]:
            first = off[0]
            message = f"{len(off)} of {len(compared)} published figures are off, first {first.name}: "
            message += f"published {first.expected}, computed {first.computed}"
            raise CommandError(message, returncode=WRONG_FIGURE)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}", returncode=UNUSABLE_FILE) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: is not UTF-8 text", returncode=UNUSABLE_FILE) from error
