"""A workbook in, a model and the report out: gathering, units, roles, the document, the comparison with what was saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import ValidationError

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import compile_formula
from valuefabric.domain.imports.choices import Choices
from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.report import ComparedCell, Finding, Report
from valuefabric.domain.imports.workbook import assemble, comparing, conventions, conversions, drivers, roles, units
from valuefabric.domain.imports.workbook.entries import Entry
from valuefabric.domain.imports.workbook.formulas import take_figures
from valuefabric.domain.imports.workbook.gathering import Gathering, is_discount_rate
from valuefabric.domain.imports.workbook.unit_hints import Hint, hint_of
from valuefabric.domain.imports.workbook.unit_structure import Structure
from valuefabric.domain.imports.workbook.words import MONEY_NAME, measure_of
from valuefabric.domain.model import Computation, Driver, ModelDocument, compute
from valuefabric.domain.model.document import MAX_ROWS
from valuefabric.domain.spreadsheets.workbook_reader import read_book

FORMAT = "a workbook (xlsx)"
_MOST_REPAIRS = 25


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the document has beside its rows."""

    name: str
    title: str
    currency: str
    conventions: Conventions
    drivers: tuple[Driver, ...]


def import_workbook(content: bytes, name: str, choices: Choices) -> tuple[ModelDocument, Report]:
    """The model in a workbook. Raises EvidenceError for a file that is unsafe or unreadable, ImportRefused for one that holds no
    model that computes."""
    book = read_book(content)
    found = Gathering(book)
    register = found.register
    currency = conventions.currency_of(book, register, choices)
    conventions.tell_scale(book, register)
    rate = conventions.conventions_of(register, found.timeline, choices)
    found.order()
    whole = _Whole(name, conventions.title_of(book, name, choices), currency, rate, ())
    document, computation = _computed(found, whole, choices)
    compared = list(comparing.compared_rows(list(register), computation, found.timeline))
    compared += _results(found, document, computation)
    document = _without_what_nothing_needs(found, document)
    _tell_errors(found, computation)
    _tell_no_results(found, compared)
    report = Report(name, FORMAT, assemble.imported_rows(list(register), document), tuple(register.findings), tuple(compared))
    return document, report


def _tell_no_results(found: Gathering, compared: Sequence[ComparedCell]) -> None:
    """Say it when there is nothing to compare with, though there are formulas."""
    if not compared and any(entry.formula for entry in found.register):
        why = "the file was saved without the results of its formulas, so nothing could be compared"
        advice = "Open it in a spreadsheet program, save it there, and import that."
        found.register.find(Finding("assumed", "", "", why, advice))


def _without_what_nothing_needs(found: Gathering, document: ModelDocument) -> ModelDocument:
    """Without rows that only results need, or that were added for a formula that was then not understood. The discount rate is a
    convention of the model; a row of it stays only where a formula uses it."""
    register = found.register
    used: set[str] = set()
    for entry in register:
        if entry.formula is not None and entry.key not in found.only_for_results:
            formula = compile_formula(entry.formula, row=entry.key)
            used |= set(formula.references) | formula.lagged
    for entry in register:
        idle = (entry.kind == "added" and entry.role is None) or is_discount_rate(entry)
        if entry.key not in used and (idle or entry.key in found.only_for_results):
            register.drop(entry.key)
    kept = tuple(row for row in document.rows if row.key in register.entries)
    return document.model_copy(update={"rows": kept})


def _tell_errors(found: Gathering, computation: Computation) -> None:
    """Say where the file holds an error and the model a figure."""
    for entry in found.register:
        for index in entry.errors if entry.formula is not None else ():
            value = computation.rows[entry.key].values[index]
            why = f"the file holds {entry.errors[index]} here, the model computes {_short(value)}"
            found.register.find(
                Finding("assumed", entry.place_of(index), f"={entry.theirs}", why, "Look at the cell.", entry.key)
            )


def _computed(found: Gathering, whole: _Whole, choices: Choices) -> tuple[ModelDocument, Computation]:
    """The document and its figures. A row that cannot be computed takes the figures that were saved, and the report says so."""
    register = found.register
    # Each attempt costs as much as the rows are many; a sheet in which nothing holds is refused before anybody waits long.
    for _attempt in range(max(3, min(_MOST_REPAIRS, 3_000 // (len(register.entries) or 1)))):
        if not register.entries:
            break
        try:
            _settle_units_and_roles(found, whole, choices)
            made = drivers.make_drivers(register)
            document = _document(found, replace(whole, drivers=made))
            return document, compute(document)
        except FormulaError as error:
            _mend(found, error)
            _forget(found)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise ImportRefused(str(problem["msg"]).removeprefix("Value error, "), advice="Mend it in the sheet.") from error
    raise ImportRefused(
        "too many rows of the workbook cannot be computed",
        advice="See what was not understood, mend it in the sheet, import again.",
        findings=register.findings,
    )


def _document(found: Gathering, whole: _Whole) -> ModelDocument:
    return assemble.document_of(
        list(found.register),
        name=whole.name,
        title=whole.title,
        currency=whole.currency,
        timeline=found.timeline,
        conventions=whole.conventions,
        drivers=whole.drivers,
    )


def _settle_units_and_roles(found: Gathering, whole: _Whole, choices: Choices) -> None:
    register = found.register
    hints = {entry.key: _hint(found, whole, entry) for entry in register}
    roles.assign_roles(register, hints, choices.roles)
    roles.turn_negative_costs(register)
    for entry in register:
        hints.setdefault(entry.key, Hint(money=True) if entry.role else Hint())
    structure = Structure()
    for entry in register:
        if entry.formula is not None:
            structure.add(entry.key, entry.formula)
    money = [entry.key for entry in register if entry.role is not None]
    solved = units.solve(structure, hints, money, whole.currency, _by_name(found, hints))
    if former := conversions.name_minutes_per_hour(register, solved.given_up, len(found.timeline.keys)):
        hints, solved = _with_conversions(found, whole, hints, former, solved)
    for entry in register:
        entry.unit = units.unit_text(solved.units[entry.key], hints[entry.key])
        if entry.role is not None and entry.unit != whole.currency:
            _lose_role(found, entry, whole.currency)
    _tell_units(found, hints, solved)


def _with_conversions(
    found: Gathering, whole: _Whole, hints: dict[str, Hint], former: dict[str, str], solved: units.Solved
) -> tuple[dict[str, Hint], units.Solved]:
    """Units solved again with a row for the minutes in an hour; as they were where that mends nothing."""
    register, structure = found.register, Structure()
    for entry in register:
        if entry.formula is not None:
            structure.add(entry.key, entry.formula)
    added = {entry.key: _hint(found, whole, entry) for entry in register if entry.key not in hints}
    money = [entry.key for entry in register if entry.role is not None]
    again = units.solve(structure, {**hints, **added}, money, whole.currency, _by_name(found, {**hints, **added}))
    return ({**hints, **added}, again) if conversions.keep_or_take_back(register, former, again.given_up) else (hints, solved)


def _hint(found: Gathering, whole: _Whole, entry: Entry) -> Hint:
    return hint_of(entry.words.unit, entry.label, entry.number_format, whole.currency, found.timeline.months_per_period)


def _by_name(found: Gathering, hints: dict[str, Hint]) -> tuple[list[str], list[str]]:
    """Rows of which nothing but their name speaks: for money, and typed ones for none; inputs first."""
    silent = [entry for entry in found.register if hints[entry.key] == Hint() and entry.kind != "added"]
    ordered = sorted(silent, key=lambda entry: entry.formula is not None)
    money = [entry.key for entry in ordered if MONEY_NAME.search(entry.label.lower())]
    return money, [entry.key for entry in ordered if entry.key not in money and entry.formula is None]


def _lose_role(found: Gathering, entry: Entry, currency: str) -> None:
    where = entry.places[0] if entry.places else ""
    why = f"it cannot count as a {entry.role}: by its formula it is no {currency}"
    found.register.find(Finding("assumed", where, entry.label, why, "Mend the units in the sheet.", entry.key))
    entry.role = None


def _tell_units(found: Gathering, hints: dict[str, Hint], solved: units.Solved) -> None:
    for word in solved.given_up:
        keys = [key for key, hint in hints.items() if hint.dimension and word in dict(hint.dimension.powers)]
        places = [place for key in keys[:4] for place in found.register.entries[key].places]
        why = (
            f"the unit {word!r} does not fit the formulas that use it (a number in a formula may convert it), so it was left out"
        )
        advice = "Give the conversion a cell of its own, such as 60 minutes/hour, to have units checked."
        found.register.find(Finding("assumed", ", ".join(places), word, why, advice))
    for key in solved.unfit:
        entry = found.register.entries[key]
        stated = hints[key].text or "its number format"
        why = f"by the formulas around it its unit is {entry.unit}, not {stated}"
        found.register.find(Finding("assumed", entry.places[0] if entry.places else "", entry.label, why, "", key))


def _mend(found: Gathering, error: FormulaError) -> None:
    """Take the saved figures for the row that cannot be computed; raises ImportRefused where there are none, or for a circle."""
    entry = found.register.entries.get(error.row)
    if entry is None or entry.formula is None:
        raise ImportRefused(str(error), advice="Mend it in the sheet and import again.") from error
    if "circle" in error.message or "refers to itself" in error.message:
        raise ImportRefused(
            f"circular references: {error.message}",
            place=entry.places[0] if entry.places else "",
            text=f"={entry.theirs}",
            advice="Break the circle in the sheet: refer to the period before.",
            findings=found.register.findings,
        ) from error
    if entry.how == "added" or not entry.places:
        raise ImportRefused(f"{entry.label}: {error.message}", advice="Mend the formulas that use it in the sheet.") from error
    take_figures(entry, found.reader, f"in our grammar {entry.formula!r} cannot be computed: {error.message}")


def _forget(found: Gathering) -> None:
    """Begin roles anew after a row has changed."""
    for entry in found.register:
        if entry.how == "added" and entry.role == "cost":
            found.register.drop(entry.key)
        entry.role = entry.driver = None


def _results(found: Gathering, document: ModelDocument, computation: Computation) -> list[ComparedCell]:
    """The results compared: their own formulas computed over the model's rows, and by name with our measures."""
    compared = []
    for entry, computed in _computed_results(found, document):
        saved = entry.saved[0]
        compared.append(ComparedCell(entry.place_of(0), entry.label, "", saved, computed, comparing.agree(saved, computed)))
        _beside_measure(found, document, entry, saved, computation)
    return compared


def _computed_results(found: Gathering, document: ModelDocument) -> list[tuple[Entry, Decimal]]:
    """What each result comes to in the model; one that cannot be computed is left out, which the report says.

    They are rows of a copy in which all figures are plain numbers: a result has no unit of its own that could be checked.
    """
    waiting = {f"result_{number}": entry for number, entry in enumerate(found.results) if 0 in entry.saved}
    plain = [
        {"key": row.key, "label": row.key, "unit": "number", "values": row.values, "formula": row.formula}
        for row in document.rows
    ]
    frame = {"id": "results", "title": "results", "currency": document.currency, "conventions": document.conventions}
    for _attempt in range(_MOST_REPAIRS):
        rows = [{"key": key, "label": key, "unit": "number", "formula": entry.formula} for key, entry in waiting.items()]
        if not rows or len(plain) + len(rows) > MAX_ROWS:
            break
        try:
            copied = ModelDocument.model_validate({**frame, "periods": document.periods, "rows": [*plain, *rows]})
            values = compute(copied).rows
        except FormulaError as error:
            entry = waiting.pop(error.row, None)
            if entry is None:
                break
            why = f"the result is not compared: {error.message}"
            found.register.find(Finding("left_out", entry.place_of(0), f"={entry.theirs}", why))
        else:
            return [(entry, values[key].values[0]) for key, entry in waiting.items()]
    return []


def _beside_measure(found: Gathering, document: ModelDocument, entry: Entry, saved: Decimal, computation: Computation) -> None:
    """Say it when the sheet's NPV, IRR, ROI or payback is another figure than the model's measure of that name."""
    name = measure_of(entry.words.label)
    ours = getattr(computation.measures, name) if name else None
    if ours is None:
        return
    shown = ours / 100 if name == "roi_pct" and abs(saved) < 50 else ours
    if comparing.agree(saved, shown):
        return
    why = f"the sheet's figure is {_short(saved)}, the model's own measure is {_short(shown)}"
    if name == "npv" and comparing.agree(saved * (1 + document.conventions.discount_rate), shown):
        why += "; the sheet discounts the first column too, as NPV() does"
    advice = "Compare conventions: what counts, when flows fall, by which rate."
    found.register.find(Finding("assumed", entry.place_of(0), f"={entry.theirs}", why, advice))


def _short(value: Decimal) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")
