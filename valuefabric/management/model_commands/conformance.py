"""``manage.py model conformance PATH...``: our functions beside results that spreadsheets saved (docs/finance-conformance.md).

Exit status 0: every formula that our grammar covers is equal; 1: some are different; 2: a file cannot be used, or none has a
formula that is covered.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from valuefabric.management.model_commands.subcommand import UNUSABLE_FILE, WRONG_FIGURE, Subcommand


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="an XLSX file, or a folder that is searched for them")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")


def _run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    # What reads workbooks is imported only when this subcommand runs.
    from valuefabric.domain.conformance import CheckedWorkbook, check_workbook
    from valuefabric.domain.conformance.limits import MAX_FILES, WORKBOOK
    from valuefabric.domain.conformance.report import as_json, as_text, totals
    from valuefabric.domain.evidence import EvidenceError

    checked: dict[str, CheckedWorkbook] = {}
    unusable: dict[str, str] = {}
    for number, path in enumerate(_files(options["paths"])):
        if number >= MAX_FILES:
            raise CommandError(f"there are more than {MAX_FILES:,} workbooks; name fewer", returncode=UNUSABLE_FILE)
        try:
            checked[str(path)] = check_workbook(_content(path, WORKBOOK.file_bytes))
        except EvidenceError as error:
            unusable[str(path)] = str(error)
    report = as_json if options["as_json"] else as_text
    write(report(checked, unusable))
    if unusable:
        raise CommandError(f"{len(unusable)} of {len(unusable) + len(checked)} files cannot be used", returncode=UNUSABLE_FILE)
    total = totals(tuple(checked.values()))
    if not total.covered:
        raise CommandError("there is no formula with a saved result that can be compared", returncode=UNUSABLE_FILE)
    if total.different:
        raise CommandError(f"{total.different} of {total.covered} formulas are different", returncode=WRONG_FIGURE)


def _files(paths: list[str]) -> Iterator[Path]:
    """The files named, and the workbooks of the folders named, in the order of their names."""
    for name in paths:
        path = Path(name)
        if path.is_dir():
            # A program that has a workbook open leaves a lock file beside it, whose name starts so.
            yield from sorted(found for found in path.rglob("*.xlsx") if not found.name.startswith(("~$", ".~lock")))
        else:
            yield path


def _content(path: Path, allowed: int) -> bytes:
    from valuefabric.domain.evidence import EvidenceError  # as in _run

    try:
        size = path.stat().st_size
        if not path.is_file():  # a pipe or a device never ends
            raise EvidenceError("It is no file.")
        if size > allowed:
            raise EvidenceError(f"The file is larger than {allowed:,} bytes. Save the sheets that matter by themselves.")
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"It cannot be read: {error.strerror}.") from error


COMMAND = Subcommand("conformance", "compare our functions with the results saved in spreadsheets", _add_arguments, _run)
