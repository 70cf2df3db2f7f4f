"""What the sheet says about the whole: its currency, its rate, its title."""

import re
from collections import Counter
from decimal import Decimal

from valuefabric.domain.evidence.tables import looks_like_formula
from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.imports.choices import Choices
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook.axis import Timeline
from valuefabric.domain.imports.workbook.entries import Entry, Register
from valuefabric.domain.imports.workbook.gathering import is_discount_rate
from valuefabric.domain.imports.workbook.unit_hints import SCALED_MONEY, currency_in, currency_of_text
from valuefabric.domain.spreadsheets.addresses import place
from valuefabric.domain.spreadsheets.book import Book

_DEFAULT_RATE = Decimal("0.10")
_NAMED_CURRENCY = re.compile(r"\b(currency|usd|eur|gbp|chf)\b")
_OF_MONEY = re.compile(r"[$€£]|usd|eur|gbp|figures|thousands\)|in (thousands|millions)|000")
_THOUSANDS = re.compile(
    r"\b(in|figures in|all figures in)?\s*([$€£]|usd|eur|gbp)?\s*(thousands?|millions?|000s?|'000)\b", re.IGNORECASE
)


def currency_of(book: Book, register: Register, choices: Choices) -> str:
    """The currency that most formats and units show; ``$`` is the US dollar unless a code says otherwise."""
    if choices.currency:
        return choices.currency
    votes = _currency_votes(book, register)
    if not votes:
        why = f"the workbook shows no currency; {choices.default_currency} was taken"
        register.find(Finding("assumed", "", "", why, "Choose the currency."))
        return choices.default_currency
    currency, _ = votes.most_common(1)[0]
    if len(votes) > 1:
        others = ", ".join(sorted(set(votes) - {currency}))
        why = f"the workbook shows {currency} and {others}; a model has one currency, and nothing is converted"
        register.find(Finding("assumed", "", others, why, "Bring all figures to one currency."))
    return currency


def _currency_votes(book: Book, register: Register) -> Counter[str]:
    votes: Counter[str] = Counter()
    for entry in register:
        votes[currency_in(entry.number_format) or currency_of_text(entry.words.unit)] += 1
    for sheet in book.sheets:
        for cell in sheet.cells.values():
            if 0 < len(cell.text) < 40 and _NAMED_CURRENCY.search(cell.text.lower()):
                votes[currency_of_text(cell.text)] += 3
    del votes[""]
    return votes


def tell_scale(book: Book, register: Register) -> None:
    """Say it when the sheet counts in thousands: figures are kept as they stand."""
    for sheet in book.sheets:
        for (row, column), cell in sheet.cells.items():
            if (
                0 < len(cell.text) < 60
                and not cell.formula
                and (_THOUSANDS.search(cell.text) or SCALED_MONEY.fullmatch(cell.text.strip()))
                and _OF_MONEY.search(cell.text.lower())
            ):
                why = "the sheet counts in thousands or millions; the figures were kept as they stand, so every amount does too"
                advice = "Multiply the inputs, or say it in the title."
                register.find(Finding("assumed", place(sheet.name, row, column), cell.text, why, advice))
                return


def conventions_of(register: Register, timeline: Timeline, choices: Choices) -> Conventions:
    """The conventions; a discount rate that is not in the workbook is assumed, and said."""
    return Conventions(
        discount_rate=_rate(register, timeline, choices),
        initial_period="undiscounted" if timeline.initial else "none",
        months_per_period=timeline.months_per_period,
    )


def _rate(register: Register, timeline: Timeline, choices: Choices) -> Decimal:
    if choices.discount_rate is not None:
        return choices.discount_rate
    rates = [entry for entry in register if is_discount_rate(entry) and entry.values]
    if rates:
        return _read_rate(register, rates[0])
    why = f"the workbook names no discount rate; {_DEFAULT_RATE * 100:.0f} % a year was taken"
    register.find(Finding("assumed", "", "", why, "Give the rate that the customer's finance team uses."))
    return _DEFAULT_RATE


def _read_rate(register: Register, entry: Entry) -> Decimal:
    figure = (entry.values or (Decimal(0),))[0]
    rate = figure / 100 if figure > 1 else figure
    where = entry.places[0]
    if not 0 <= rate <= 1:
        register.find(
            Finding("assumed", where, f"{figure}", f"no rate can be read from it; {_DEFAULT_RATE} was taken", "Give the rate.")
        )
        return _DEFAULT_RATE
    shown = f"{(rate * 100).normalize():f}"
    why = f"taken as the yearly discount rate, {shown} %"
    if figure > 1:
        why += ", since a rate above 1 is meant in percent"
    register.find(Finding("assumed", where, entry.label, why, "", entry.key))
    return rate


def title_of(book: Book, name: str, choices: Choices) -> str:
    """The first words that stand alone in one of a sheet's first rows, else the file's name."""
    if choices.title:
        return choices.title
    for sheet in book.sheets:
        rows: dict[int, list[str]] = {}
        for (row, _column), cell in sheet.cells.items():
            if row <= 3:
                rows.setdefault(row, []).append(cell.text)
        for _, found in sorted(rows.items()):
            words = found[0]
            if (
                len(found) == 1
                and len(words) > 12
                and " " in words
                and not looks_like_formula(words)
                and not _THOUSANDS.search(words)
            ):
                return words[:200]
    stem = re.sub(r"\.(xlsx|xlsm|xls)$", "", name, flags=re.IGNORECASE)
    return stem.replace("_", " ").strip()[:200] or "Imported model"
