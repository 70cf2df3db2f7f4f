"""``manage.py bench [AREA]``: run the project's benchmarks and say which bars hold.

Exit status 0, also where a bar does not hold; 1 when a benchmark ended in an error, after the others were measured.
"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

import benchmarks
from benchmarks.subjects import Broken, Row, areas, run

RESULTS = "bench.json"


class Command(BaseCommand):
    """A run of all areas is also written to ``bench.json``; docs/benchmarks.md tells what the rows mean."""

    help = "Run the benchmarks of an area, or all of them; print a table and write bench.json."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("area", nargs="?", help="one area only; nothing is written then")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the rows as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        area = options["area"]
        known = areas(benchmarks.SUBJECTS)
        if area is not None and area not in known:
            raise CommandError(f"There are no benchmarks of {area!r}. Areas are: {', '.join(known)}.")
        rows, broken = self._measured(area, printing=not options["as_json"])
        text = json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
        if options["as_json"]:
            self.stdout.write(text)
        if area is None:
            Path(settings.BASE_DIR, RESULTS).write_text(text + "\n", encoding="utf-8")
        if broken:
            failures = "; ".join(f"{one.area} {one.name}: {type(one.error).__name__}: {one.error}" for one in broken)
            raise CommandError(f"{len(broken)} benchmarks ended in an error: {failures}", returncode=1)

    def _measured(self, area: str | None, *, printing: bool) -> tuple[list[Row], list[Broken]]:
        """Rows and failures; a row is printed as soon as it is there, since some take a while."""
        rows: list[Row] = []
        broken: list[Broken] = []
        if printing:
            self.stdout.write(_line("area", "work", "figure", "reference", "ratio", "bar", "holds"))
        for result in run(benchmarks.SUBJECTS, area):
            if isinstance(result, Broken):
                broken.append(result)
                continue
            rows.append(result)
            if printing:
                self.stdout.write(_printed(result))
        return rows, broken


def _printed(row: Row) -> str:
    reference = "" if row.reference is None else _quantity(row.reference, row.unit)
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
    holds = {True: "yes", False: "NO", None: ""}[row.holds]
    return _line(row.area, row.work, _quantity(row.figure, row.unit), reference, ratio, row.bar or "", holds)


def _line(*cells: str) -> str:
    area, work, figure, reference, ratio, bar, holds = cells
    return f"{area:<10} {work:<66} {figure:>12} {reference:>12} {ratio:>7} {bar:>9} {holds:>5}".rstrip()


def _quantity(value: float, unit: str) -> str:
    digits = max(0, 2 - len(str(int(abs(value)))) + 1)
    return f"{value:,.{digits}f} {unit}"
