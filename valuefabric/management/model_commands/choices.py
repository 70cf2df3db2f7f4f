"""``manage.py model choices FILE``: what doing nothing, a delay, owning it and the alternatives come to.

Exit status 0: computed; 2: the file cannot be used.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError

from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.model import ModelFileError, load_model
from valuefabric.domain.model.choices import DELAY_MONTHS, choices_json, choices_of, choices_table
from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, Subcommand, read_text


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a model file in YAML or JSON; - reads standard input")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")
    parser.add_argument("--delay", type=int, default=DELAY_MONTHS, metavar="MONTHS", help="how much later it would begin (12)")
    parser.add_argument("--scenario", default="base", metavar="KEY", help="as in model compute")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    try:
        document = load_model(read_text(options["file"]))
        found = choices_of(document, delay=options["delay"], scenario=options["scenario"])
    except (ModelFileError, FormulaError, ValueError) as error:  # a delay beyond reason, a scenario that there is not
        raise CommandError(f"{options['file']}: {error}", returncode=UNUSABLE_FILE) from error
    write((choices_json if options["as_json"] else choices_table)(found))


COMMAND = Subcommand("choices", "what doing nothing, a delay, owning it and the alternatives come to", _add_arguments, _run)
