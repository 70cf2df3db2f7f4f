"""One workbook checked: every formula read, evaluated by our grammar, and compared with the result that was saved."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from valuefabric.domain.conformance.builders import BUILDERS
from valuefabric.domain.conformance.comparison import difference_of, equal, gave_up
from valuefabric.domain.conformance.evaluation import Evaluated, Evaluator
from valuefabric.domain.conformance.limits import MAX_READ
from valuefabric.domain.conformance.reading import Reading
from valuefabric.domain.conformance.translator import Translator
from valuefabric.domain.conformance.values import CellError, NotCovered, Value
from valuefabric.domain.conformance.workbook import FormulaCell, Workbook, read_workbook
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.spreadsheets import SpreadsheetFormulaError, read_formula

Outcome = Literal["equal", "different", "found"]


@dataclass(frozen=True, slots=True)
class CheckedCell:
    """``found``: the spreadsheet's search for a rate gave up with an error, and ours found one at which the flows are worth
    nothing."""

    name: str
    formula: str
    saved: Value
    ours: Decimal | bool | CellError
    difference: Decimal | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CheckedWorkbook:
    """``cells`` are the formulas that our grammar covers, in the file's order; ``not_covered`` counts the others by reason."""

    program: str
    cells: tuple[CheckedCell, ...]
    not_covered: Counter[str]

    def with_outcome(self, outcome: Outcome) -> tuple[CheckedCell, ...]:
        """The cells that came out so."""
        return tuple(cell for cell in self.cells if cell.outcome == outcome)


def check_workbook(content: bytes) -> CheckedWorkbook:
    """Check an XLSX file. Raises EvidenceError where it is unsafe, too large or unreadable."""
    workbook = read_workbook(content)
    cells: list[CheckedCell] = []
    not_covered: Counter[str] = Counter()
    budget, evaluator = MAX_READ, Evaluator()
    for cell in workbook.formulas:
        translator = Translator(workbook, cell.place.sheet, BUILDERS)
        try:
            if budget <= 0:
                raise NotCovered(f"behind formulas that name {MAX_READ:,} cells together")
            cells.append(_checked(cell, translator, evaluator, workbook))
        except NotCovered as reason:
            not_covered[reason.reason] += 1
        budget -= translator.cells_named
    return CheckedWorkbook(workbook.program, tuple(cells), not_covered)


def _checked(cell: FormulaCell, translator: Translator, evaluator: Evaluator, workbook: Workbook) -> CheckedCell:
    if cell.unread:
        raise NotCovered(cell.unread)
    try:
        tree = read_formula(cell.text)
    except SpreadsheetFormulaError as error:
        raise NotCovered(error.message) from error
    ours_tree = translator.any(tree)
    if cell.saved is None:
        raise NotCovered("no saved result")
    if isinstance(cell.saved, str):
        raise NotCovered("a text as the result")
    if isinstance(cell.saved, Decimal) and cell.saved.adjusted() > ENGINE.Emax:
        raise NotCovered("a result beyond 10^61")
    evaluated = evaluator.evaluate(ours_tree, translator.reading)
    ours, outcome = evaluated.value, _outcome(cell.saved, evaluated, translator.reading, workbook.program)
    return CheckedCell(cell.name, cell.text, cell.saved, ours, difference_of(cell.saved, ours), outcome)


def _outcome(saved: Value, evaluated: Evaluated, reading: Reading, program: str) -> Outcome:
    if equal(saved, evaluated.value, reading.largest, program, searched=bool(evaluated.rates)):
        return "equal"
    proven = bool(evaluated.rates) and all(evaluated.rates) and not isinstance(evaluated.value, CellError)
    return "found" if proven and gave_up(saved, program) else "different"
