"""What a cell's surroundings say about its unit: a unit column, the number format, words in the label."""

import re
from dataclasses import dataclass

from valuefabric.domain.formulas.units import PLAIN, Dimension, UnitError, parse_unit

CURRENCIES = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "chf": "CHF", "c$": "CAD", "a$": "AUD", "₹": "INR"}
_CODE_WORDS = "USD EUR GBP CHF JPY CAD AUD NZD SEK NOK DKK PLN CZK HUF INR CNY HKD SGD BRL MXN ZAR AED SAR ILS TRY KRW"
_CODES = frozenset(_CODE_WORDS.split())
_FORMAT_SYMBOL = re.compile(r"\[\$([^\]-]*)(?:-[0-9A-Fa-f]+)?\]|\"([^\"]+)\"|\\?([$€£¥₹])")
_IN_PARENTHESES = re.compile(r"[\(\[]([^()\[\]]{1,24})[\)\]]\s*$|,\s*(?:in\s+)?([^,()]{1,12})$")
_THOUSANDS = re.compile(
    r"^(k|m|000s?|thousands?|millions?|mm|mn)\b|\b(000s?|thousands?|millions?|mm|mn)$|^[$€£]\s*(k|m|mm|mn|000s?)$"
)
_WORDS = {"#": "number", "no": "number", "no.": "number", "nr": "number", "qty": "number", "x": "number", "hrs": "hours",
          "hr": "hours", "h": "hours", "mins": "minutes", "min": "minutes", "fte": "FTE", "ftes": "FTE", "pct": "percent",
          "%": "percent", "heads": "people", "headcount": "people", "yrs": "years"}  # fmt: skip
_KNOWN_WORDS = """
    percent % ratio number count hours hour minutes minute days day weeks week months month years year people person FTE users
    user employees employee agents agent tickets ticket calls call cases case customers customer seats seat licences licenses
    orders order deals deal incidents incident units unit devices device sites site learners learner courses course
"""
_KNOWN = frozenset(_KNOWN_WORDS.split())
_UNIT_LIKE = re.compile(r"[a-z][a-z.]{0,19}( [a-z]{1,15})?((\s*/\s*|\s+per\s+)[a-z]{1,20}( [a-z]{1,15})?){0,2}", re.IGNORECASE)
SCALED_MONEY = re.compile(r"(?:[kmt]|mm|mn|bn)\s*(?P<code>[A-Z]{3}|[$€£¥₹])")
_PER_HOUR = re.compile(r"\b(per hour|hourly|/ ?hour|/ ?hr|an hour)\b")


@dataclass(frozen=True, slots=True)
class Hint:
    """``dimension`` is None where only ``money`` or ``percent`` is known. ``certain``: a unit stands beside the cell."""

    text: str = ""
    dimension: Dimension | None = None
    money: bool | None = None
    percent: bool = False
    certain: bool = False
    scaled: bool = False


def currency_in(number_format: str) -> str:
    """The currency's code that a number format shows; empty for none."""
    for match in _FORMAT_SYMBOL.finditer(number_format):
        word = (match[1] or match[2] or match[3] or "").strip().lower()
        if word in CURRENCIES:
            return CURRENCIES[word]
        if word.upper() in _CODES:
            return word.upper()
    return ""


def currency_of_text(text: str) -> str:
    """The currency's code in a unit's text: ``USD``, ``$``, ``EUR/hour``; empty for none."""
    for word in re.findall(r"[A-Za-z]+\$|[A-Za-z]{3}\b|[$€£¥₹]", text):
        if word.upper() in _CODES:
            return str(word.upper())
        if word.lower() in CURRENCIES:
            return CURRENCIES[word.lower()]
    return ""


def is_unit_text(text: str) -> bool:
    """Whether a text stands for a unit: a known word, a currency, or such words with ``per`` or a slash."""
    plain = text.strip().strip("()[]")
    if not plain or len(plain) > 30:
        return False
    parts = [part for part in re.split(r"\s*/\s*|\s+per\s+|\s*\*\s*", plain.lower()) if part]
    return bool(parts) and all(
        part in _KNOWN or part in _WORDS or part in CURRENCIES or part.upper() in _CODES or part == "fte" for part in parts
    )


def is_unit_under_heading(text: str) -> bool:
    """Whether a text stands for a unit where the column's heading says Unit: any word or two, with ``per`` or a slash."""
    plain = text.strip().strip("()[]")
    return is_unit_text(plain) or bool(_UNIT_LIKE.fullmatch(plain) or SCALED_MONEY.fullmatch(plain))


def normal_unit(text: str, currency: str) -> str:
    """A unit in our writing: ``$ / hr`` is ``USD/hours``, ``kEUR`` is EUR."""
    if SCALED_MONEY.fullmatch(text.strip().strip("()[]")):
        return currency
    parts = re.split(r"(\s*/\s*|\s+per\s+|\s*\*\s*)", text.strip().strip("()[]"))
    made = []
    for index, part in enumerate(parts):
        if index % 2:
            made.append("*" if "*" in part else "/")
            continue
        plain = part.lower()
        made.append(currency if currency_of_text(part) else _WORDS.get(plain, plain if plain in _KNOWN else part))
    return "".join(made)


def hint_of(unit_text: str, label: str, number_format: str, currency: str, months_per_period: int) -> Hint:
    """The best that is known: the unit beside the cell, else one in the label's parentheses, else the number format."""
    bracket = _IN_PARENTHESES.search(label)
    in_label = (bracket[1] or bracket[2]).strip() if bracket else ""
    stated = unit_text or (in_label if is_unit_text(in_label) else "")
    hourly = bool(_PER_HOUR.search(label.lower()))
    plain = (unit_text or in_label).strip()
    scaled = bool(_THOUSANDS.search(plain.lower()) or SCALED_MONEY.fullmatch(plain))
    if stated and (unit_text or is_unit_text(stated)):
        normal = normal_unit(stated, currency)
        if hourly and normal == currency:
            return _hourly(currency, months_per_period)
        return _stated(stated, normal, currency, months_per_period, certain=bool(unit_text), scaled=scaled)
    if currency_in(number_format):
        return _hourly(currency, months_per_period) if hourly else Hint(currency, None, money=True, scaled=scaled)
    if "%" in number_format:
        return Hint("percent", PLAIN, money=False, percent=True)
    return Hint(scaled=scaled)


def _stated(stated: str, normal: str, currency: str, months_per_period: int, *, certain: bool, scaled: bool) -> Hint:
    try:
        dimension = parse_unit(normal, months_per_period)
    except UnitError:
        return Hint(stated)
    percent = normal in {"percent", "%"}
    return Hint(normal, dimension, currency in dict(dimension.powers), percent, certain, scaled)


def _hourly(currency: str, months_per_period: int) -> Hint:
    """A wage: money for an hour, though only the money is shown."""
    return Hint(f"{currency}/hour", parse_unit(f"{currency}/hour", months_per_period), money=True)
