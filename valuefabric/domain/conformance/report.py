"""What a check found, as text for people and as one JSON document."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from valuefabric.domain.conformance.check import CheckedCell, CheckedWorkbook
from valuefabric.domain.conformance.values import CellError, Value


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over all workbooks. ``covered`` is equal, different and found together."""

    formulas: int
    covered: int
    equal: int
    different: int
    found: int


def totals(checked: Sequence[CheckedWorkbook]) -> Totals:
    """What the workbooks come to together."""
    outcomes = Counter(cell.outcome for workbook in checked for cell in workbook.cells)
    covered = outcomes.total()
    missing = sum(workbook.not_covered.total() for workbook in checked)
    return Totals(covered + missing, covered, outcomes["equal"], outcomes["different"], outcomes["found"])


def as_json(checked: Mapping[str, CheckedWorkbook], unusable: Mapping[str, str]) -> str:
    """One document; numbers as texts, with all their digits."""
    total = totals(tuple(checked.values()))
    document = {
        "formulas": total.formulas,
        "covered": total.covered,
        "equal": total.equal,
        "different": total.different,
        "found": total.found,
        "not_covered": _counted(checked.values()),
        "workbooks": [_workbook(name, workbook) for name, workbook in checked.items()],
        "unusable": [{"file": name, "why": why} for name, why in unusable.items()],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_text(checked: Mapping[str, CheckedWorkbook], unusable: Mapping[str, str]) -> str:
    """A line for each workbook, the cells that differ, what was not covered and why, and the sums."""
    lines = []
    for name, workbook in checked.items():
        one = totals((workbook,))
        saved_by = f", saved by {workbook.program}" if workbook.program else ""
        lines.append(f"{name}: {one.equal} of {one.covered} equal{saved_by}")
        lines += [_line(cell) for cell in workbook.with_outcome("different")]
        lines += [_line(cell) for cell in workbook.with_outcome("found")]
    lines += [f"{name}: cannot be used: {why}" for name, why in unusable.items()]
    if counted := _counted(checked.values()):
        lines += ["", "Not covered:", *(f"  {count:>6}  {reason}" for reason, count in counted.items())]
    return "\n".join([*lines, "", *_sums(totals(tuple(checked.values())))])


def _sums(total: Totals) -> list[str]:
    lines = [f"{total.formulas} formulas: {total.covered} covered, {total.formulas - total.covered} not"]
    lines.append(f"of those covered: {total.equal} equal, {total.different} different")
    if total.found:
        lines.append(f"and {total.found} found: the spreadsheet's search for a rate gave up, ours is proven by the flows")
    return lines


def _line(cell: CheckedCell) -> str:
    what = "DIFFERENT" if cell.outcome == "different" else "found    "
    difference = "" if cell.difference is None else f", difference {float(cell.difference):.3g}"
    return f"  {what} {cell.name}  ={cell.formula}  saved {_shown(cell.saved)}, ours {_shown(cell.ours)}{difference}"


def _counted(checked: Any) -> dict[str, int]:
    """Reasons, most frequent first."""
    together: Counter[str] = sum((workbook.not_covered for workbook in checked), Counter())
    return dict(sorted(together.items(), key=lambda item: (-item[1], item[0])))


def _workbook(name: str, workbook: CheckedWorkbook) -> dict[str, Any]:
    one = totals((workbook,))
    return {
        "file": name,
        "program": workbook.program,
        "formulas": one.formulas,
        "covered": one.covered,
        "equal": one.equal,
        "different": [_cell(cell) for cell in workbook.with_outcome("different")],
        "found": [_cell(cell) for cell in workbook.with_outcome("found")],
        "not_covered": _counted([workbook]),
    }


def _cell(cell: CheckedCell) -> dict[str, str | None]:
    difference = None if cell.difference is None else _shown(cell.difference)
    why = cell.ours.message if isinstance(cell.ours, CellError) else None
    return {
        "cell": cell.name,
        "formula": f"={cell.formula}",
        "saved": _shown(cell.saved),
        "ours": _shown(cell.ours),
        "difference": difference,
        "why": why,
    }


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, Decimal) or abs(value.adjusted()) > 30:
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
