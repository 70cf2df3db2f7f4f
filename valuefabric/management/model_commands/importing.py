"""``manage.py model import FILE``: a workbook, a ValueModel or a model file becomes a model, without the database.

Exit status 0: imported, and every figure saved in the file met; 1: imported, and a figure differs; 2: nothing was imported.
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, WRONG_FIGURE, Subcommand


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a workbook (.xlsx), a ValueModel (JSON) or a model file; - reads standard input")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--out", metavar="FILE", help="write the model file here")
    shown.add_argument("--json", action="store_true", dest="as_json", help="print report and model as one JSON document")
    parser.add_argument("--discount-rate", type=_rate, help="a year's, such as 0.1 or 10%%, in place of what the file says")
    parser.add_argument("--currency", default="", help="three capital letters, in place of what the file shows")
    parser.add_argument("--role", action="append", default=[], metavar="ROW=ROLE", help="benefit, cost or none; may be repeated")
    parser.add_argument("--years", type=int, help="for how many years, where the file names no periods")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    from valuefabric.domain.imports import import_model  # brings the parser of workbooks with it
    from valuefabric.domain.model import dump_model

    name, content = _content(options["file"])
    imported = import_model(content, name, _choices(options))
    if options["as_json"]:
        model = dump_model(imported.document) if imported.document else None
        write(json.dumps({"report": imported.report.plain(), "model": model}, ensure_ascii=False, indent=2))
    else:
        write("\n".join(imported.report.lines()))
    if imported.document is None:
        raise CommandError(f"{options['file']}: nothing was imported", returncode=UNUSABLE_FILE)
    if options["out"]:
        _write_file(options["out"], dump_model(imported.document))
    if imported.report.differing:
        counted = f"{len(imported.report.differing)} of {len(imported.report.compared)}"
        raise CommandError(f"{counted} figures saved in the file differ from what the model computes", returncode=WRONG_FIGURE)


def _content(name: str) -> tuple[str, bytes]:
    try:
        return ("standard input", sys.stdin.buffer.read()) if name == "-" else (Path(name).name, Path(name).read_bytes())
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}", returncode=UNUSABLE_FILE) from error


def _write_file(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name}: cannot be written: {error.strerror}", returncode=UNUSABLE_FILE) from error


def _choices(options: Mapping[str, Any]) -> Any:
    from valuefabric.domain.imports import Choices  # as above

    roles = {}
    for given in options["role"]:
        row, _, role = given.partition("=")
        if role not in {"benefit", "cost", "none"}:
            raise CommandError(f"--role {given}: write ROW=benefit, ROW=cost or ROW=none", returncode=UNUSABLE_FILE)
        roles[row] = role
    return Choices(roles=roles, discount_rate=options["discount_rate"], currency=options["currency"], years=options["years"])


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text.removesuffix("%"))
    except InvalidOperation as error:
        raise ArgumentTypeError(f"{text} is no rate; write 0.1 or 10%") from error
    return rate / 100 if text.endswith("%") else rate


COMMAND = Subcommand("import", "make a model of a workbook, a ValueModel or a model file", _add_arguments, _run)
"""See the module."""
