"""``manage.py model export FILE``: a model file written as our YAML, as a ValueModel, or as a workbook with live formulas.

Exit status 0: written; 2: the file cannot be used, or cannot be said in that format.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, Subcommand, read_text


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a model file in YAML or JSON; - reads standard input")
    parser.add_argument("--format", choices=("yaml", "value-models", "xlsx"), default="yaml")
    parser.add_argument("--out", metavar="FILE", help="write here instead of printing; a workbook is always written to a file")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    from valuefabric.domain.formulas import FormulaError
    from valuefabric.domain.model import ModelFileError, load_model
    from valuefabric.exports.model_formats import ExportRefused, export_model  # xlsxwriter is needed for workbooks only

    if options["format"] == "xlsx" and not options["out"]:
        raise CommandError("a workbook is no text; say where to write it with --out FILE", returncode=UNUSABLE_FILE)
    try:
        exported = export_model(load_model(read_text(options["file"])), options["format"])
    except (ModelFileError, FormulaError, ExportRefused) as error:
        raise CommandError(f"{options['file']}: {error}", returncode=UNUSABLE_FILE) from error
    if options["out"]:
        try:
            Path(options["out"]).write_bytes(exported.content)
        except OSError as error:
            raise CommandError(f"{options['out']}: cannot be written: {error.strerror}", returncode=UNUSABLE_FILE) from error
    else:
        write(exported.content.decode())
    for loss in exported.left_out:
        write(f"left out: {loss}")


COMMAND = Subcommand("export", "write a model file as YAML, as a ValueModel or as a workbook", _add_arguments, _run)
"""See the module."""
