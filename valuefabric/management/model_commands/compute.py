"""``manage.py model compute FILE``: any model file, computed without the database.

Exit status 0: computed, and every published figure met; 1: a figure is off; 2: the file cannot be used.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError

from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.model import ModelFileError, compare, compute, load_model
from valuefabric.domain.model.report import as_json, as_table
from valuefabric.domain.model.scenarios import UnknownScenario
from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, WRONG_FIGURE, Subcommand, read_text


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a model file in YAML or JSON; - reads standard input")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")
    parser.add_argument(
        "--scenario",
        default="base",
        metavar="KEY",
        help="low (conservative), base (expected), high (best), half_benefits, or a scenario of the file's own",
    )


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    try:
        document = load_model(read_text(options["file"]))
        computation = compute(document, scenario=options["scenario"])
    except (ModelFileError, FormulaError, UnknownScenario) as error:
        raise CommandError(f"{options['file']}: {error}", returncode=UNUSABLE_FILE) from error
    compared = compare(document, computation) if computation.scenario == "base" else ()
    report = as_json if options["as_json"] else as_table
    write(report(document, computation, compared))
    if off := [figure for figure in compared if not figure.agrees]:
        first = off[0]
        message = f"{len(off)} of {len(compared)} published figures are off, first {first.name}: "
        message += f"published {first.expected}, computed {first.computed}"
        raise CommandError(message, returncode=WRONG_FIGURE)


COMMAND = Subcommand("compute", "print every row and measure", _add_arguments, _run)
