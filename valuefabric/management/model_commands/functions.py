"""``manage.py model functions``: every function of the formula language, as the registry has them.

``--update FILE`` writes them into a guide, between its marks (``docs/models.md``). Exit status 2: the file cannot be used.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from valuefabric.domain.formulas.functions.guide import functions_chapter, with_functions
from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, Subcommand, read_text


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--update", metavar="FILE", help="write them into this guide, between its marks")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    if options["update"] is None:
        write(functions_chapter())
        return
    try:
        Path(options["update"]).write_text(with_functions(read_text(options["update"])), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CommandError(f"{options['update']}: {error}", returncode=UNUSABLE_FILE) from error
    write(f"{options['update']} has the functions of now")


COMMAND = Subcommand("functions", "print the functions that formulas can use", _add_arguments, _run)
