"""From the cells of a row to its figures or its formula: cells that say the same are one formula, those that do not are chosen by
period."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.entries import Entry
from valuefabric.domain.imports.workbook.layout import Words
from valuefabric.domain.imports.workbook.references import NotTranslated, Reader
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.imports.workbook.translate import Translator
from valuefabric.domain.spreadsheets.book import SheetCell
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula
from valuefabric.domain.spreadsheets.tree import Cell, walk

MOST_STRETCHES = 6
_MEND = "Mend the formula in the sheet and import again, or give the row a formula in the model."


@dataclass(slots=True)
class _Part:
    """One period of a row: a figure that was typed, or a formula in our grammar."""

    piece: Piece | None
    value: Decimal = Decimal(0)


def settle_line(entry: Entry, reader: Reader) -> None:
    """Give a line its figures or its formula."""
    cells = [reader.book.cell(entry.sheet, entry.row, column) if column else None for column in entry.columns]
    first = next((cell for cell in cells if cell is not None and cell.formula), None)
    entry.theirs = first.formula if first else ""
    entry.saved = {i: cell.number for i, cell in enumerate(cells) if cell and cell.formula and cell.number is not None}
    entry.errors = {i: cell.error for i, cell in enumerate(cells) if cell and cell.formula and cell.error}
    if not any(cell is not None and (cell.formula or cell.unread) for cell in cells):
        entry.values = tuple(_typed(entry, index, cell, reader) for index, cell in enumerate(cells))
        return
    reader.looked_back = _looks_back(entry, cells, reader)
    try:
        parts = [_part(entry, index, cell, reader) for index, cell in enumerate(cells)]
        entry.formula = _formula(entry, parts, reader).text
        entry.how = "formula"
    except (NotTranslated, SpreadsheetFormulaError) as error:
        take_figures(entry, reader, str(error))
    finally:
        reader.looked_back = frozenset()


def take_figures(entry: Entry, reader: Reader, why: str) -> None:
    """Let the saved figures stand for a formula that is not understood; where none were saved the row is left out."""
    cells = [reader.book.cell(entry.sheet, entry.row, column) if column else None for column in entry.columns]
    where = entry.places[0] if entry.places else ""
    missing = next((i for i, cell in enumerate(cells) if cell and (cell.formula or cell.unread) and cell.number is None), None)
    if missing is not None:
        cell = cells[missing]
        held = cell.error if cell is not None else ""
        kept = f"and the cell holds {held}" if held else "and the file was saved without its result"
        reader.register.drop(entry.key)
        advice = f"The row is left out. {_MEND}"
        finding = Finding("not_understood", entry.place_of(missing), f"={entry.theirs}", f"{why}, {kept}", advice)
        reader.register.find(finding)
        return
    entry.values = tuple((cell.number if cell is not None else None) or Decimal(0) for cell in cells)
    if entry.kind == "single":
        entry.values = entry.values[:1] * len(reader.timeline.periods)
    entry.formula, entry.how = None, "figures for a formula"
    advice = f"The figures that the file had saved stand in its place. {_MEND}"
    reader.register.find(Finding("not_understood", where, f"={entry.theirs}", why, advice, entry.key))


def settle_single(entry: Entry, cell: SheetCell, reader: Reader) -> None:
    """Give a single cell its figure, the same for all periods, or its formula."""
    periods = len(reader.timeline.periods)
    if not cell.formula:
        entry.values = (cell.number or Decimal(0),) * periods
        return
    entry.theirs = cell.formula
    if cell.number is not None:
        entry.saved = dict.fromkeys(range(periods), cell.number)
    try:
        at = (entry.sheet, entry.row, entry.columns[0] or 1)
        entry.formula = texts.quantity(Translator(reader, at, None).piece(read_formula(cell.formula))).text
        entry.how = "formula"
    except (NotTranslated, SpreadsheetFormulaError) as error:
        take_figures(entry, reader, str(error))


def _part(entry: Entry, index: int, cell: SheetCell | None, reader: Reader) -> _Part:
    if cell is None or not (cell.formula or cell.unread):
        return _Part(None, _typed(entry, index, cell, reader))
    if cell.unread:
        raise NotTranslated(cell.unread)
    translator = Translator(reader, (entry.sheet, entry.row, entry.columns[index] or 1), index)
    return _Part(texts.quantity(translator.piece(read_formula(cell.formula))))


def _typed(entry: Entry, index: int, cell: SheetCell | None, reader: Reader) -> Decimal:
    """A figure that was typed; nothing is zero, and so is a text, which the report tells."""
    if cell is None:
        return Decimal(0)
    if cell.number is None and (cell.text or cell.error):
        why = "a text or an error stands where a figure is expected; it counts as zero"
        finding = Finding("assumed", entry.place_of(index), cell.text or cell.error, why, "Put the figure there.", entry.key)
        reader.register.find(finding)
    return cell.number or Decimal(0)


def _looks_back(entry: Entry, cells: list[SheetCell | None], reader: Reader) -> frozenset[tuple[str, int]]:
    """Lines whose period before the second period's formula uses: there the first one's looks at an opening value."""
    found: set[tuple[str, int]] = set()
    for index in range(1, len(cells)):
        cell = cells[index]
        if cell is None or not cell.formula:
            continue
        try:
            nodes = list(walk(read_formula(cell.formula)))
        except SpreadsheetFormulaError:
            return frozenset()
        for node in nodes:
            if isinstance(node, Cell) and not node.column_fixed:
                sheet = node.sheet or entry.sheet
                known = reader.register.at((sheet, node.row, node.column))
                if known is not None and known[1] == index - 1:
                    found.add((known[0].sheet, node.row))
    return frozenset(found)


def _formula(entry: Entry, parts: list[_Part], reader: Reader) -> Piece:
    """One formula for all periods: stretches of periods that say the same, chosen by ``step``."""
    given = _given_row(entry, parts, reader)
    stretches: list[tuple[int, Piece]] = []
    for index, part in enumerate(parts):
        piece = part.piece or given or texts.ZERO
        if not stretches or stretches[-1][1] != piece:
            stretches.append((index, piece))
    if len(stretches) > MOST_STRETCHES:
        raise NotTranslated(f"nearly every period computes differently ({len(stretches)} formulas in one row)")
    found = stretches[0][1]
    for start, piece in stretches[1:]:
        number = start + 1 - reader.timeline.initial
        begun = Piece(f"step({number}) = 1", texts.COMPARISON, condition=True)
        found = texts.choice(begun, piece, found)
    return found


def _given_row(entry: Entry, parts: list[_Part], reader: Reader) -> Piece | None:
    """A row of figures for the periods in which a row of formulas has typed ones, so that they keep their source."""
    figures = tuple(part.value if part.piece is None else Decimal(0) for part in parts)
    if not any(figures):
        return None
    register = reader.register
    columns = tuple(c if part.piece is None and part.value else None for c, part in zip(entry.columns, parts, strict=True))
    words = Words(f"{entry.label}, as given", entry.words.unit, note=entry.words.note)
    added = Entry(register.key_for(f"{entry.key}_given"), words, "line", entry.sheet, entry.row, columns, entry.number_format)
    added.values, added.is_used = figures, True
    # Known by its key alone: the cells go on to mean the row that they stand in.
    register.entries[added.key] = added
    return Piece(added.key)
