"""``manage.py model gate FILE``: what keeps a model file from being careful: which rule, which row, by how much, what to write.

Exit status 0: nothing; 1: it does not pass; 2: the file cannot be used.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError

from valuefabric.domain.formulas import FormulaError
from valuefabric.domain.model import ModelFileError, load_model
from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, WRONG_FIGURE, Subcommand, read_text


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a model file in YAML or JSON; - reads standard input")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    from valuefabric.domain.model.gate import conservative_gate  # reads evidence, which brings more than a model needs

    try:
        findings = conservative_gate(load_model(read_text(options["file"])))
    except (ModelFileError, FormulaError) as error:
        raise CommandError(f"{options['file']}: {error}", returncode=UNUSABLE_FILE) from error
    for finding in findings:
        write(f"{finding.rule}  {finding.row}  by {finding.by.normalize():f} {finding.unit}")
        write(f"  {finding.message}")
        write(f"  write: {finding.write}")
    if findings:
        found = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        raise CommandError(f"{found}; the model does not pass the conservative gate", returncode=WRONG_FIGURE)
    write("nothing found; the model passes the conservative gate")


COMMAND = Subcommand("gate", "hold a model to the conservative gate", _add_arguments, _run)
